package io.perfagent.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.BuildId;
import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Format;
import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.model.Profile;
import io.perfagent.model.RunAccount;
import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** perf.data as perf reads it. */
class PerfDataTest {
    private static final long START = 7_000_000_000L;

    @TempDir
    Path directory;

    private Path written(Profile profile) throws IOException {
        Path file = directory.resolve("app.perf.data");
        try (OutputStream out = Files.newOutputStream(file)) {
            Encoder.of(Format.PERF).write(profile, out);
        }
        return file;
    }

    private static Profile profile(StackCount... stacks) {
        return new Profile(
                Instant.EPOCH, START, Duration.ofSeconds(1), 100, List.of(stacks), List.of(), RunAccount.NONE);
    }

    private static StackCount stack(int tid, String name, List<Location> locations, long... times) {
        return new StackCount(
                4_000_001, tid, name, Cgroup.UNKNOWN, locations, WalkEnd.END_OF_STACK, false, times.length, times);
    }

    /** A real binary, mapped where no process has it: perf looks for names in the file. */
    private static final class Mapped {
        private static final long BIAS = 0x555500000000L;
        private static final Pattern CODE = Pattern.compile("LOAD +0x(\\w+) 0x(\\w+) 0x\\w+ 0x(\\w+) 0x\\w+ R E");

        private final Path file;
        private final Module module;

        Mapped() throws Exception {
            file = Path.of("target", "workloads", "chain").toRealPath();
            Matcher code = CODE.matcher(Tool.output("readelf", "-lW", file.toString()));
            assertThat(code.find()).isTrue();
            long start = BIAS + Long.parseLong(code.group(2), 16);
            module = new Module(
                    start,
                    start + Long.parseLong(code.group(3), 16),
                    Long.parseLong(code.group(1), 16),
                    file.toString(),
                    new BuildId(find("Build ID: (\\w+)", Tool.output("readelf", "-n", file.toString()))));
        }

        Location in(String function) throws Exception {
            long value =
                    Long.parseLong(find("(?m)^(\\w+) T " + function + "$", Tool.output("nm", file.toString())), 16);
            return new Location(Location.Kind.NATIVE, BIAS + value + 1, module, new Call(function, ""));
        }

        private static String find(String pattern, String text) {
            Matcher found = Pattern.compile(pattern).matcher(text);
            assertThat(found.find()).isTrue();
            return found.group(1);
        }
    }

    @Test
    void perfNamesWhatItFindsInTheFiles() throws Exception {
        Mapped chain = new Mapped();
        Location python = new Location(Location.Kind.PYTHON, 0, null, new Call("read", "app.py"));
        Path file = written(profile(
                stack(4_000_002, "app; x", List.of(python, chain.in("main")), START + 2_000, START + 1_000_000),
                stack(4_000_001, "app", List.of(ProfileOf.READ, chain.in("main"), chain.in("_start")), START + 5_000)));
        assertThat(perf(file, "script", "-F", "comm,pid,tid,time,event,ip,sym,dso")
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .map(line -> line.replaceFirst("^[0-9a-f]{4,} ", ""))
                        .map(line -> line.replaceAll("\\S+ \\(\\[kernel.kallsyms]\\)", "kernel")))
                .containsExactly(
                        "app; x 4000001/4000002     7.000002: cpu-clock:",
                        "main (" + chain.file + ")",
                        "app 4000001/4000001     7.000005: cpu-clock:",
                        "kernel",
                        "main (" + chain.file + ")",
                        "_start (" + chain.file + ")",
                        "app; x 4000001/4000002     7.001000: cpu-clock:",
                        "main (" + chain.file + ")");
        assertThat(perf(file, "report", "--stdio", "--no-children", "-g", "none", "-F", "overhead,sample,sym"))
                .contains("66.67%             2  [.] main")
                .contains("# Samples: 3  of event 'cpu-clock'")
                .contains("# Event count (approx.): 30000000");
        assertThat(perf(file, "buildid-list")).isEqualTo(chain.module.buildId() + " " + chain.file + "\n");
    }

    /** perf reads on behind names that are too long, and stacks that a record cannot hold. */
    @Test
    void whatIsTooLongIsCut() throws Exception {
        Module module = new Module(0x1000, 0x100000, 0, "/" + "x".repeat(10_000), null);
        List<Location> deep = new ArrayList<>();
        for (int frame = 0; frame < 9_000; frame++) {
            deep.add(new Location(Location.Kind.NATIVE, 0x1000 + frame, module, new Call("f", "")));
        }
        Path file = written(profile(
                stack(4_000_001, "\u0000\n", deep, START), stack(4_000_001, "", deep.subList(0, 1), START + 1)));
        assertThat(perf(file, "script", "-F", "ip,time").lines().filter(line -> line.contains("7.0000")))
                .hasSize(2);
    }

    @Test
    void nothingSampled() throws Exception {
        assertThat(perf(written(profile()), "script", "-F", "ip")).isEmpty();
    }

    private static String perf(Path file, String command, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("perf", command, "-i", file.toString()));
        Collections.addAll(all, arguments);
        return Tool.output(all, Path.of("/"));
    }
}
