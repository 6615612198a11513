package io.perfagent.symbolize;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Budget;
import io.perfagent.model.RuntimeFrames;
import io.perfagent.model.WaitCauses;
import io.perfagent.process.Image;
import io.perfagent.process.ProcessTable;
import io.perfagent.process.ProcessTable.Scope;
import io.perfagent.profile.Interval;
import io.perfagent.thread.Worker;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The thread that reads events tells of processes: while it waited for names, the kernel would drop events. */
class NamerTest {
    private static final int PID = (int) ProcessHandle.current().pid();

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // where it waits, it is for ever
    void whoTellsOfAProcessWaitsForNoNames() throws Exception {
        CountDownLatch naming = new CountDownLatch(1);
        CountDownLatch told = new CountDownLatch(1);
        ProcessTable processes = new ProcessTable(Scope.ALL);
        Image image = processes.add(PID);
        try (Namer namer = new Namer(
                Budget.ofHeap(), processes, _ -> List.of(), RuntimeFrames.NONE, WaitCauses.UNKNOWN, _ -> {})) {
            namer.start();
            Worker asking =
                    new Worker("asking", "asking for names", () -> namer.name(() -> cut(naming, told), cut -> cut));
            asking.start();
            naming.await();
            namer.known(image);
            namer.ended(image);
            namer.forgotten(image);
            told.countDown();
            asking.join();
            asking.check();
            namer.check();
        }
        assertThat(naming.getCount()).isZero();
    }

    private static Interval cut(CountDownLatch naming, CountDownLatch told) {
        naming.countDown();
        try {
            told.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return new Interval(16, false);
    }
}
