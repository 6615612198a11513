package io.perfagent.python.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Mapping;
import io.perfagent.model.ProcessEvent;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.UnwindMode;
import io.perfagent.process.Image;
import io.perfagent.process.ProcessListener;
import io.perfagent.process.ProcessTable;
import io.perfagent.process.ProcessTable.Scope;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.python.PythonActivator;
import io.perfagent.report.Log;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A process executes a program while it is looked at: what was found is of the one before, and the new one is looked at in its turn. */
final class PythonArrivalsIT {
    private static final String PYTHON =
            Interpreter.oneOfEachVersion().getFirst().command().toString();
    private static final String CHAIN =
            Path.of("src", "test", "workloads", "chain.py").toAbsolutePath().toString();
    private static final String SKIPPED = "python inject skipped";

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final Log log = new Log(new PrintStream(written, true, StandardCharsets.UTF_8));
    private final ProcessTable table = new ProcessTable(Scope.ALL);
    private final AtomicReference<Runnable> duringLook = new AtomicReference<>(() -> {});

    /** Stopped by a signal, so that it is refused, which is said each time that it is looked at. */
    @Test
    void programThatIsExecutedDuringALookIsLookedAtItself() throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(PYTHON, CHAIN));
                PythonActivator activator = new PythonActivator()) {
            Tool.output("kill", "-STOP", Integer.toString(target.pid()));
            table.add(target.pid());
            SwitchedOn on = new SwitchedOn();
            LatePythons pythons =
                    new LatePythons(request(target.pid()), log, activator, on, new PythonTally(), () -> {});
            PythonArrivals arrivals = new PythonArrivals(pythons, new Feed());
            duringLook.set(() -> {
                table.apply(new ProcessEvent.Executed(target.pid(), "program", System.nanoTime()));
                arrivals.executed(target.pid());
            });
            arrivals.start(Set.of());
            awaitSkipped(1);
            for (Mapping mapping : ProcMaps.readExecutable(target.pid())) {
                arrivals.mapped(target.pid(), mapping);
            }
            awaitSkipped(2);
            arrivals.stop();
            arrivals.check();
        }
    }

    private void awaitSkipped(int times) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (written.toString(StandardCharsets.UTF_8).split(SKIPPED, -1).length <= times) {
            assertThat(System.nanoTime()).as(times + " looks").isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    private static ProfileRequest request(int pid) {
        return new ProfileRequest(
                List.of(pid), false, true, Duration.ofSeconds(1), 99, UnwindMode.AUTO, true, false, null, List.of());
    }

    /** Of the table; a look begins with the question what runs. */
    private final class Feed implements ProcessFeed {
        @Override
        public void listen(ProcessListener listener) {}

        @Override
        public void afterNaming(Consumer<Image> action) {}

        @Override
        public Collection<Image> running() {
            return table.running();
        }

        @Override
        public Image running(int pid) {
            Image image = table.running(pid);
            duringLook.getAndSet(() -> {}).run();
            return image;
        }

        @Override
        public void awaitCalm() {}

        @Override
        public void endCalm() {}
    }
}
