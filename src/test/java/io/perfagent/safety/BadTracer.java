package io.perfagent.safety;

import io.perfagent.linux.LinuxException;
import io.perfagent.linux.Ptrace;
import io.perfagent.linux.WaitStatus;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** What careless tracers do to a process. Each belongs to one thread, and lets go when that ends. */
final class BadTracer {
    private static final int REGISTER_BYTES = 27 * Long.BYTES;
    private static final int CS = 17 * Long.BYTES;
    private static final int SS = 20 * Long.BYTES;
    private static final byte USER_CODE_64 = 0x33;
    private static final int SIGRTMIN = 34;
    private static final byte USER_DATA = 0x2b;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private BadTracer() {}

    /** Takes the next real-time signal that arrives, and does not pass it on. */
    static void swallowSignal(int pid) throws LinuxException {
        try (Ptrace ptrace = new Ptrace()) {
            ptrace.seize(pid);
            await(ptrace, pid, stop -> stop.event() == 0 && stop.signal() >= SIGRTMIN);
            ptrace.resume(pid, 0);
        }
    }

    /** Sends the thread somewhere it returns from only if the tracer fetches it back, as most injectors do, and is no more. */
    static void hijackAndDie(int pid) throws LinuxException {
        try (Ptrace ptrace = new Ptrace()) {
            ptrace.seize(pid);
            ptrace.interrupt(pid);
            await(ptrace, pid, WaitStatus.Stopped::interrupted);
            ptrace.setRegisters(pid, Ptrace.NT_PRSTATUS, nowhere());
        }
    }

    private static void await(Ptrace ptrace, int pid, Predicate<WaitStatus.Stopped> wanted) throws LinuxException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() < deadline) {
            if (ptrace.poll(pid) instanceof WaitStatus.Stopped stop) {
                if (wanted.test(stop)) {
                    return;
                }
                ptrace.resume(pid, stop.event() == 0 ? stop.signal() : 0);
            }
        }
        throw new IllegalStateException("process " + pid + " does not stop");
    }

    /** A struct user_regs_struct (sys/user.h) of 64-bit code at address 0, where injected calls are made to return. */
    private static byte[] nowhere() {
        byte[] registers = new byte[REGISTER_BYTES];
        registers[CS] = USER_CODE_64;
        registers[SS] = USER_DATA;
        return registers;
    }
}
