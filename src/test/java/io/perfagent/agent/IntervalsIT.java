package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.Format;
import io.perfagent.model.Output;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.PythonFrameMode;
import io.perfagent.model.UnwindMode;
import io.perfagent.output.proto.ProfileProto;
import io.perfagent.report.Log;
import io.perfagent.testing.Agent;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.TestMaps;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that writes a profile for each of its intervals. */
class IntervalsIT {
    private static final String CHAIN =
            Path.of("target", "workloads", "chain").toAbsolutePath().toString();
    private static final String SPINNING = """
            def spin_in_python():
              for i in range(5000000):
                pass
            spin_in_python()
            """;
    /** Intervals in which symbols are read for the first time: what begins and ends meanwhile is missed. */
    private static final int WHILE_IT_COMES_UP = 4;

    private static final Pattern COUNTED = Pattern.compile("frames of (\\d+) samples");

    @TempDir
    Path directory;

    /** What the kernel side has counted is in the files, and each file holds what was counted in its interval. */
    @Test
    void noSampleIsLostBetweenIntervals() throws Exception {
        String log;
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(CHAIN))) {
            log = run(target.pid(), directory.resolve("chain.pb.gz"), Duration.ofSeconds(3));
        }
        List<ProfileProto.Profile> profiles = profiles();
        assertThat(profiles)
                .as("intervals")
                .hasSizeBetween(2, 6); // fewer and longer where the machine has no time for them
        long inFiles = 0;
        long counted = 0;
        long nanos = 0;
        for (ProfileProto.Profile profile : profiles) {
            assertThat(profile.getTimeNanos())
                    .as("the next begins where the last ended")
                    .isGreaterThanOrEqualTo(nanos);
            nanos = profile.getTimeNanos()
                    + profile.getDurationNanos()
                    - Duration.ofMillis(50).toNanos();
            inFiles += samples(profile);
            counted += countedInTheKernel(profile);
            assertThat(hasFunction(profile, "leaf")).isEqualTo(samples(profile) > 0);
        }
        assertThat(inFiles).isGreaterThan(100);
        assertThat(inFiles).isEqualTo(counted);
        assertThat(log)
                .contains("series written profiles=" + profiles.size() + " samples=" + counted + " own=0 dropped=0");
    }

    /** Their maps are given up meanwhile, before, at and after cuts. */
    @Test
    void pythonsThatEndAreNamedInWhicheverIntervalTheyAre() throws Exception {
        String python = Interpreter.oneOfEachVersion().getFirst().command().toString();
        String loop = "echo ready; while true; do " + python + " -X perf -c '" + SPINNING + "'; done";
        Instant began = Instant.now();
        try (TargetProgram shell = TargetProgram.start(Map.of(), List.of("sh", "-c", loop))) {
            run(shell.pid(), directory.resolve("chain.pb.gz"), Duration.ofSeconds(8));
        } finally {
            TestMaps.deleteThoseOf("py::spin_in_python:<string>", began);
        }
        long named = 0;
        long unnamed = 0;
        for (ProfileProto.Profile profile :
                profiles().stream().skip(WHILE_IT_COMES_UP).toList()) {
            named += samplesWith(profile, "py::spin_in_python");
            unnamed += samplesWith(profile, "[anon ");
        }
        System.out.println("intervals: Pythons that ended: " + named + " samples named, " + unnamed + " not");
        assertThat(named).isGreaterThan(50);
        assertThat(unnamed).isLessThanOrEqualTo(named / 100 + 1);
    }

    /** A program that makes a function for each of its calls, with a name that is sent whole, in a heap that has room for those of some intervals. */
    @Test
    @Tag("long")
    void functionsThatAreNotMetAnyMoreMakeRoomForNewOnes() throws Exception {
        String program = """
                print("ready", flush=True)
                number = 0
                while True:
                    number += 1
                    name = "made_" + "x" * 180 + str(number)
                    made = {}
                    exec(f"def {name}():\\n  for i in range(10000): pass", made)
                    made[name]()
                """;
        String python = Interpreter.oneOfEachMinor().getLast().command().toString();
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(python, "-c", program))) {
            String[] arguments = {
                "--pid",
                Integer.toString(target.pid()),
                "-d",
                "9s",
                "--every",
                "500ms",
                "-r",
                "999",
                "-o",
                "chain.pb.gz"
            };
            Process run = new ProcessBuilder(Agent.commandWithHeap(32, arguments))
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            assertThat(run.waitFor()).isZero();
        }
        List<ProfileProto.Profile> profiles = profiles();
        long all = profiles.stream().mapToLong(IntervalsIT::samples).sum();
        ProfileProto.Profile last = profiles.getLast();
        System.out.println("intervals: " + all + " samples of made functions, of the last " + samples(last) + ", "
                + samplesWith(last, "py::made_") + " of them named");
        assertThat(samplesWith(last, "py::made_")).isGreaterThan(samples(last) / 2);
    }

    @Test
    void aSeriesNeedsTheNameOfAFile() throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(CHAIN))) {
            assertThatThrownBy(() -> run(target.pid(), Path.of("-"), Duration.ofSeconds(3)))
                    .isInstanceOf(CannotStartException.class)
                    .hasMessageContaining("give the name of a file");
        }
    }

    /** Returns what it said. */
    private static String run(int pid, Path output, Duration duration) throws CannotStartException {
        ProfileRequest request = new ProfileRequest(
                List.of(pid),
                false,
                true,
                duration,
                999,
                UnwindMode.AUTO,
                PythonFrameMode.OFF, // names come from perf maps
                false,
                false,
                List.of(new Output(output, Format.PPROF)),
                List.of(),
                Duration.ofMillis(500));
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        var _ = new ProfilingSession(request, StopSignal.manual(), new Log(new PrintStream(said, true))).run();
        return said.toString(StandardCharsets.UTF_8);
    }

    /** In the order of their numbers. */
    private List<ProfileProto.Profile> profiles() throws IOException {
        List<ProfileProto.Profile> profiles = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                assertThat(file.getFileName().toString()).matches("chain-00\\d\\d\\.pb\\.gz");
                try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
                    profiles.add(ProfileProto.Profile.parseFrom(in));
                }
            }
        }
        return profiles;
    }

    private static long samples(ProfileProto.Profile profile) {
        return profile.getSampleList().stream()
                .mapToLong(sample -> sample.getValue(0))
                .sum();
    }

    private static long countedInTheKernel(ProfileProto.Profile profile) {
        Matcher counted = COUNTED.matcher(String.join(
                " ",
                profile.getCommentList().stream()
                        .map(comment -> profile.getStringTable(Math.toIntExact(comment)))
                        .toList()));
        assertThat(counted.find()).isTrue();
        return Long.parseLong(counted.group(1));
    }

    private static long samplesWith(ProfileProto.Profile profile, String prefix) {
        Set<Long> functions = profile.getFunctionList().stream()
                .filter(function -> profile.getStringTable(Math.toIntExact(function.getName()))
                        .startsWith(prefix))
                .map(ProfileProto.Function::getId)
                .collect(Collectors.toSet());
        Set<Long> locations = profile.getLocationList().stream()
                .filter(location ->
                        location.getLineList().stream().anyMatch(line -> functions.contains(line.getFunctionId())))
                .map(ProfileProto.Location::getId)
                .collect(Collectors.toSet());
        return profile.getSampleList().stream()
                .filter(sample -> sample.getLocationIdList().stream().anyMatch(locations::contains))
                .mapToLong(sample -> sample.getValue(0))
                .sum();
    }

    private static boolean hasFunction(ProfileProto.Profile profile, String name) {
        return profile.getFunctionList().stream()
                .anyMatch(function -> profile.getStringTable(Math.toIntExact(function.getName()))
                        .equals(name));
    }
}
