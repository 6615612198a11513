package io.perfagent.safety;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** What a target that hangs is doing, written to a file: its threads' states and system calls, and gdb's backtraces. */
final class Hang {
    private static final String REPORT = """
            for task in /proc/$1/task/*; do
              echo "${task##*/} $(grep -E '^(State|TracerPid|SigPnd|SigBlk)' $task/status | tr '\\t\\n' ' ;') $(cat $task/wchan) $(cat $task/syscall)"
            done
            gdb -q -batch -p "$1" -ex 'thread apply all backtrace'
            """;

    private Hang() {}

    /** Where the report is; gdb lets the target go on. */
    static Path report(int pid) {
        Path file = Path.of("target", "safety", "hang-" + pid + ".txt").toAbsolutePath();
        try {
            Files.createDirectories(file.getParent());
            Process process = new ProcessBuilder("sh", "-c", REPORT, "sh", Integer.toString(pid))
                    .redirectErrorStream(true)
                    .redirectOutput(file.toFile())
                    .start();
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                process.destroyForcibly();
            }
            return file;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
