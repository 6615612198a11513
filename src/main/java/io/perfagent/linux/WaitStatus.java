package io.perfagent.linux;

/**
 * What waitpid(2) said of a traced thread. The status word of a stop:
 *
 * <pre>
 *   31        16 │ 15      8 │ 7      0
 *   ptrace event │  signal   │  0x7f
 * </pre>
 */
public sealed interface WaitStatus {
    /** Nothing to report yet. */
    record Running() implements WaitStatus {}

    /** The thread is gone. */
    record Ended() implements WaitStatus {}

    /**
     * The thread is stopped.
     *
     * @param signal the signal of a signal-delivery-stop or group-stop, SIGTRAP for a stop asked for
     * @param event PTRACE_EVENT_…, 0 for a signal-delivery-stop
     */
    record Stopped(int signal, int event) implements WaitStatus {
        private static final int SIGTRAP = 5;
        private static final int PTRACE_EVENT_STOP = 128;

        /** Whether PTRACE_INTERRUPT brought it about. */
        public boolean interrupted() {
            return event == PTRACE_EVENT_STOP && signal == SIGTRAP;
        }

        /** Whether the whole process was stopped by a signal such as SIGSTOP. */
        public boolean groupStop() {
            return event == PTRACE_EVENT_STOP && signal != SIGTRAP;
        }
    }

    static WaitStatus of(int status) {
        if ((status & 0xff) != 0x7f) {
            return new Ended();
        }
        return stopped(status >>> 8);
    }

    /** Of the upper part of the word, which waitid(2) gives. */
    static WaitStatus stopped(int signalAndEvent) {
        return new Stopped(signalAndEvent & 0xff, signalAndEvent >>> 8);
    }
}
