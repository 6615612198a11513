package io.perfagent.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** B3: what the kernel does when a tracer ends in the middle. */
final class PtraceIT {
    private static final WaitStatus SIGUSR1_STOP = new WaitStatus.Stopped(10, 0);

    @Test
    void aSignalThatTheTracerHasSeenButNotPassedOnIsNotLost() throws Exception {
        List<String> program = List.of("sh", "-c", "trap 'echo got it' USR1; echo ready; while :; do sleep 0.02; done");
        try (TargetProgram target = TargetProgram.start(Map.of(), program)) {
            FutureTask<WaitStatus> tracing = new FutureTask<>(() -> seeSignal(target.pid()));
            Thread tracer = Thread.ofPlatform().start(tracing);
            assertThat(tracing.get()).isEqualTo(SIGUSR1_STOP);
            tracer.join();
            assertThat(target.nextLine()).isEqualTo("got it");
        }
    }

    /** The thread ends with the target in signal-delivery-stop, as it would if the process were killed. */
    private static WaitStatus seeSignal(int pid) throws Exception {
        try (Ptrace ptrace = new Ptrace()) {
            ptrace.seize(pid);
            Tool.output("kill", "-USR1", Integer.toString(pid));
            return awaitSignal(ptrace, pid);
        }
    }

    /** The shell gets a SIGCHLD now and then. */
    private static WaitStatus awaitSignal(Ptrace ptrace, int pid) throws LinuxException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        WaitStatus status = ptrace.poll(pid);
        while (!status.equals(SIGUSR1_STOP) && System.nanoTime() < deadline) {
            if (status instanceof WaitStatus.Stopped other) {
                ptrace.resume(pid, other.signal());
            }
            status = ptrace.poll(pid);
        }
        return status;
    }
}
