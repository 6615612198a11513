package io.perfagent.procfs;

import io.perfagent.model.Mapping;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The parsers of {@code /proc}; the first byte chooses one. */
public final class ProcFuzzer {
    private static final List<String> FILES = List.of("maps", "stat", "status", "mountinfo", "syscall");

    private ProcFuzzer() {}

    /** Those of this process. */
    public static List<byte[]> seeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (int file = 0; file < FILES.size(); file++) {
            String text = Files.readString(Path.of("/proc/self", FILES.get(file)), StandardCharsets.ISO_8859_1);
            String cut = text.length() > 4096 ? text.substring(0, 4096) : text;
            seeds.add(((char) file + cut).getBytes(StandardCharsets.ISO_8859_1));
        }
        seeds.add("\0007f0c1e000000-7f0c1e021000 r-xp 00002000 fe:00 1234567    /tmp/a\\012b c\\134 (deleted)\n"
                .getBytes(StandardCharsets.ISO_8859_1));
        seeds.add("\00136 35 98:0 / /mnt\\040x ro,noatime shared:1 - ext3 /dev/root rw\n"
                .getBytes(StandardCharsets.ISO_8859_1));
        return seeds;
    }

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        String text = new String(input, 1, input.length - 1, StandardCharsets.UTF_8);
        switch (Math.floorMod(input[0], FILES.size())) {
            case 0 -> maps(text);
            case 1 -> stat(text);
            case 2 -> status(text);
            case 3 -> mounts(text);
            default -> {
                var _ = ThreadSyscall.parse(text);
            }
        }
    }

    private static void maps(String text) {
        List<Mapping> mappings = ProcMaps.parse(text);
        if (mappings.size() > text.length() / 20 + 1) {
            throw new AssertionError("more mappings than lines");
        }
        for (Mapping mapping : mappings) {
            var _ = mapping.isFile() || mapping.isVdso() || mapping.contains(mapping.start());
        }
    }

    private static void stat(String text) {
        try {
            ProcStat stat = ProcStat.parse(text);
            var _ = stat.exiting() || stat.kernelThread();
        } catch (IOException _) {
            // said so
        }
    }

    private static void status(String text) {
        ProcStatus status = ProcStatus.parse(text);
        long _ = status.effectiveCapabilities() | status.signalsAboutToBeHandled();
        int _ = status.innermostPid(1) | status.seccompMode();
    }

    private static void mounts(String text) {
        MountInfo mounts = MountInfo.parse(text);
        var _ = mounts.withId("1");
        var _ = mounts.withId("");
    }
}
