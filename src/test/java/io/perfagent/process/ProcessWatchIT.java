package io.perfagent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.model.Mapping;
import io.perfagent.process.ProcessTable.Scope;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The table of processes made from events alone, compared with /proc. */
class ProcessWatchIT {
    private static final String IMPORTS =
            "import os, time, ssl, sqlite3, threading; threading.Thread(target=time.sleep, args=(60,)).start();"
                    + " os.fork() or time.sleep(60); print('ready', flush=True); time.sleep(60)";

    private final ProcessTable table = new ProcessTable(Scope.ALL);
    private final BlockingQueue<Integer> ended = new LinkedBlockingQueue<>();

    @Test
    void mappingsOfAProgramStartedDuringTheRun() throws Exception {
        try (ProcessWatch watch = new ProcessWatch(table)) {
            watch.add(noteEnds());
            watch.start();
            List<String> command = new ArrayList<>();
            command.add(Interpreter.oneOfEachVersion().getFirst().command().toString());
            command.addAll(List.of("-W", "ignore", "-c", IMPORTS));
            int pid;
            try (TargetProgram program = TargetProgram.start(Map.of(), command)) {
                pid = program.pid();
                awaitTold(watch);
                Image image = Objects.requireNonNull(table.running(pid));
                assertThat(image.unread()).as("made from events").isFalse();
                assertThat(image.sinceNanos()).isPositive();
                assertThat(lines(image.code())).isEqualTo(lines(executable(pid)));
                Image child = table.running().stream()
                        .filter(other -> other.forkedFrom() == image)
                        .findFirst()
                        .orElseThrow();
                assertThat(lines(child.code())).isEqualTo(lines(executable(child.pid())));
                ProcessHandle.of(child.pid()).ifPresent(ProcessHandle::destroyForcibly);
            }
            assertThat(awaitEnd(pid)).isTrue();
            watch.check();
        }
    }

    /** A listener with a bug: what happens to processes from then on is not known. */
    @Test
    void failureOfAListenerIsTheRuns() throws Exception {
        try (ProcessWatch watch = new ProcessWatch(table)) {
            watch.add(new ProcessListener() {
                @Override
                public void settled() {
                    throw new OutOfMemoryError("planted");
                }
            });
            watch.start();
            watch.stop();
            assertThatThrownBy(watch::check)
                    .hasMessage("reading process events failed")
                    .hasRootCauseMessage("planted");
        }
    }

    private ProcessListener noteEnds() {
        return new ProcessListener() {
            @Override
            public void exited(int pid) {
                ended.add(pid);
            }
        };
    }

    private boolean awaitEnd(int pid) throws InterruptedException {
        for (Integer next = ended.poll(10, TimeUnit.SECONDS); next != null; next = ended.poll(10, TimeUnit.SECONDS)) {
            if (next == pid) {
                return true;
            }
        }
        return false;
    }

    private static void awaitTold(ProcessWatch watch) throws InterruptedException {
        long now = System.nanoTime();
        while (watch.toldUntil() < now) {
            Thread.sleep(1);
        }
    }

    private static List<Mapping> executable(int pid) throws Exception {
        return ProcMaps.read(pid).stream().filter(Mapping::executable).toList();
    }

    /** vsyscall lies above all that a process can map, as a negative address. */
    private static List<String> lines(List<Mapping> mappings) {
        return mappings.stream()
                .filter(mapping -> mapping.start() > 0)
                .map(mapping -> "%x-%x %x %d:%d %d %s"
                        .formatted(
                                mapping.start(),
                                mapping.end(),
                                mapping.fileOffset(),
                                mapping.deviceMajor(),
                                mapping.deviceMinor(),
                                mapping.inode(),
                                mapping.path()))
                .toList();
    }
}
