package io.perfagent.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a process that the tests started has its perf map. */
public final class PerfMaps {
    private PerfMaps() {}

    /** As reached from here, by the last of NSpid; throws when the process is gone. */
    public static Path path(int pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("NSpid:")) {
                String inner = line.substring(line.lastIndexOf('\t') + 1);
                return Path.of("/proc/" + pid + "/root/tmp/perf-" + inner + ".map");
            }
        }
        throw new IOException("no NSpid");
    }
}
