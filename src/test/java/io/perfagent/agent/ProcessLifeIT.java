package io.perfagent.agent;

import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Profile;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.PythonFrameMode;
import io.perfagent.model.StackCount;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WalkEnd;
import io.perfagent.report.Log;
import io.perfagent.sample.SampleSink;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Names;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.TestMaps;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** B5: processes that fork, execute, load code and end during a run; each says by its functions' names what it was doing. */
class ProcessLifeIT {
    private static final Path PROGRAMS = Path.of("target", "workloads").toAbsolutePath();
    private static final int RATE = 999;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String SPINNING = """
            def spin_in_python():
              for i in range(3000000):
                pass
            spin_in_python()
            """;

    @TempDir
    private Path directory;

    /** The samples with a function in their stack. */
    private record Spinning(long samples, long complete, List<StackCount> stacks) {
        static Spinning in(Profile profile, String function) {
            long samples = 0;
            long complete = 0;
            List<StackCount> stacks = new ArrayList<>();
            for (StackCount stack : profile.stacks()) {
                List<String> names = Names.of(stack);
                if (names.contains(function)) {
                    samples += stack.count();
                    complete += names.getLast().equals("_start") ? stack.count() : 0;
                    stacks.add(stack);
                }
            }
            return new Spinning(samples, complete, stacks);
        }
    }

    /** The run ends with the last of them, long before its time. */
    @Test
    void childrenOfATargetAreTargets() throws Exception {
        try (TargetProgram parent = start("children")) {
            Profile profile = profile(parent.pid(), true, Duration.ofMinutes(10));
            Spinning child = Spinning.in(profile, "spin_child");
            Spinning program = Spinning.in(profile, "spin_program");
            print("child", child);
            print("program executed by the child", program);
            assertThat(child.samples()).isGreaterThan(200);
            assertThat(program.samples()).isGreaterThan(200);
            assertThat((double) child.complete() / child.samples()).isGreaterThan(0.98);
            assertThat((double) program.complete() / program.samples()).isGreaterThan(0.98);
            assertThat(child.stacks()).noneMatch(stack -> stack.pid() == parent.pid());
        }
    }

    /** Each of which has ended before user space hears that it has begun. */
    @Test
    void childrenOfAMomentAreTargetsFromTheirBegin() throws Exception {
        try (TargetProgram parent = start("moments")) {
            Profile profile = profile(parent.pid(), true, Duration.ofMinutes(10));
            long millis = Long.parseLong(parent.nextLine().substring("milliseconds ".length()));
            long samples = profile.stacks().stream()
                    .filter(stack -> stack.pid() != parent.pid())
                    .mapToLong(StackCount::count)
                    .sum();
            Spinning child = Spinning.in(profile, "spin_child");
            print("of " + samples + " samples of children that ran for " + millis + " ms", child);
            assertThat(samples).isGreaterThan(millis * RATE / 1000 * 85 / 100);
            assertThat((double) child.samples() / samples).isGreaterThan(0.5);
            assertThat((double) child.complete() / child.samples()).isGreaterThan(0.98);
        }
    }

    /** The first thread ends then, and the other one has its number. */
    @Test
    void aProgramThatIsExecutedByAnotherThread() throws Exception {
        String code = """
                import os, sys, threading, time
                print("ready", flush=True)
                time.sleep(1)
                threading.Thread(target=lambda: os.execv(sys.argv[1], sys.argv[1:])).start()
                time.sleep(60)
                """;
        String program = PROGRAMS.resolve("chain").toString();
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of("python3", "-c", code, program))) {
            ProfiledRun run = ProfiledRun.of(target.pid(), false, 500);
            assertThat(run.profile().stacks().stream()
                            .filter(stack -> Names.of(stack).contains("leaf"))
                            .mapToLong(StackCount::count)
                            .sum())
                    .as(run.log())
                    .isGreaterThan(400);
        }
    }

    @Test
    void childrenAreLeftOutIfAskedFor() throws Exception {
        try (TargetProgram parent = start("children")) {
            Profile profile = profile(parent.pid(), false, Duration.ofSeconds(3));
            assertThat(profile.stacks()).allMatch(stack -> stack.pid() == parent.pid());
            assertThat(Spinning.in(profile, "spin_child").samples()).isZero();
        }
    }

    @Test
    void codeThatIsLoadedDuringTheRunIsWalkedThrough() throws Exception {
        try (TargetProgram target = start("loads", PROGRAMS.resolve("plugin").toString())) {
            Profile profile = profile(target.pid(), true, Duration.ofMinutes(10));
            Spinning called = Spinning.in(profile, "spin_called_back");
            print("called back by the library", called);
            List<List<String>> chains = called.stacks().stream()
                    .map(stack -> Names.of(stack).stream()
                            .filter(name ->
                                    name.equals("spin_called_back") || name.equals("call_back") || name.equals("main"))
                            .toList())
                    .distinct()
                    .toList();
            assertThat(called.samples()).isGreaterThan(200);
            assertThat((double) called.complete() / called.samples()).isGreaterThan(0.98);
            assertThat(chains).contains(List.of("spin_called_back", "call_back", "main"));
        }
    }

    @Test
    void processesThatHadTheSamePidAreToldApart() throws Exception {
        try (TargetProgram parent = start("recycles")) {
            Profile profile = profile(parent.pid(), true, Duration.ofMinutes(10));
            int recycled = Integer.parseInt(parent.nextLine().substring("recycled ".length()));
            for (String function : List.of("spin_first", "spin_second")) {
                Spinning spinning = Spinning.in(profile, function);
                print(function + " as PID " + recycled, spinning);
                assertThat(spinning.samples()).isGreaterThan(150);
                assertThat((double) spinning.complete() / spinning.samples()).isGreaterThan(0.98);
                assertThat(spinning.stacks()).allMatch(stack -> stack.pid() == recycled);
            }
            long unnamed = profile.stacks().stream()
                    .filter(stack -> Names.of(stack).contains("[unknown]"))
                    .mapToLong(StackCount::count)
                    .sum();
            assertThat(unnamed).as("samples with code of another process").isLessThan(20);
        }
    }

    /** Most of them are gone before their samples are read. */
    @Test
    void processesThatEndedAreNamed() throws Exception {
        Path program = Files.copy(PROGRAMS.resolve("life"), directory.resolve("short-lived"), COPY_ATTRIBUTES);
        String loop = "echo ready; while true; do " + program + " spins program 30; done";
        try (TargetProgram shell = TargetProgram.start(Map.of(), List.of("sh", "-c", loop))) {
            Profile profile = profileOfAll("short-lived", 1000);
            long all = profile.stacks().stream()
                    .filter(stack -> stack.threadName().equals("short-lived"))
                    .mapToLong(StackCount::count)
                    .sum();
            Spinning named = Spinning.in(profile, "burn");
            print("of " + all + " samples of processes that ended", named);
            long processes =
                    named.stacks().stream().map(StackCount::pid).distinct().count();
            assertThat(processes).isGreaterThan(10);
            assertThat((double) named.samples() / all).isGreaterThan(0.85);
            assertThat(shell.pid()).isPositive();
        }
    }

    /** Their whole life is the loading of a program and its end, which most often is over when user space goes on with their stacks. */
    @Test
    @Tag("quiet")
    void stacksOfProcessesOfAMomentAreComplete() throws Exception {
        Path program = Files.copy(Path.of("/bin/true"), directory.resolve("of-a-moment"), COPY_ATTRIBUTES);
        String executions = "echo ready; exec " + PROGRAMS.resolve("execs") + " 20000 60 " + program;
        try (TargetProgram _ = TargetProgram.start(Map.of(), List.of("sh", "-c", executions))) {
            Map<WalkEnd, Long> ends = new EnumMap<>(WalkEnd.class);
            for (StackCount stack : profileOfAll("of-a-moment", 1000).stacks()) {
                if (stack.threadName().equals("of-a-moment")) {
                    ends.merge(stack.end(), stack.count(), Long::sum);
                }
            }
            System.out.println("processes of a moment: " + ends);
            long all = ends.values().stream().mapToLong(Long::longValue).sum();
            long gone = ends.getOrDefault(WalkEnd.NO_PROCESS, 0L); // more of them, the later user space comes
            long walked = all - gone - ends.getOrDefault(WalkEnd.NO_USER_STACK, 0L);
            assertThat(walked).isGreaterThan(300);
            assertThat((double) gone / all).isLessThan(0.1);
            assertThat((double) ends.getOrDefault(WalkEnd.END_OF_STACK, 0L) / walked)
                    .isGreaterThan(0.97);
        }
    }

    /** Their perf maps are read at their end. */
    @Test
    @Tag("long")
    void pythonsThatEndedAreNamedByTheirPerfMaps() throws Exception {
        String python = Interpreter.oneOfEachVersion().getFirst().command().toString();
        String loop = "echo ready; while true; do " + python + " -X perf -c '" + SPINNING + "'; done";
        Set<Integer> pids = new TreeSet<>();
        Instant began = Instant.now();
        try (TargetProgram _ = TargetProgram.start(Map.of(), List.of("sh", "-c", loop))) {
            Profile profile = profile(List.of(), true, Duration.ofSeconds(8));
            Spinning named = Spinning.in(profile, "py::spin_in_python");
            named.stacks().forEach(stack -> pids.add(stack.pid()));
            print("Pythons " + pids, named);
            assertThat(pids).hasSizeGreaterThan(3);
            assertThat(named.samples()).isGreaterThan(300);
        } finally {
            TestMaps.deleteThoseOf("py::spin_in_python:<string>", began);
        }
    }

    private static TargetProgram start(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(PROGRAMS.resolve("life").toString()));
        command.addAll(List.of(arguments));
        return TargetProgram.start(Map.of(), command);
    }

    private Profile profile(int pid, boolean children, Duration length) throws Exception {
        return profile(List.of(pid), children, length);
    }

    /** Until the threads of that name have had so many samples. */
    private Profile profileOfAll(String threadName, int samples) throws Exception {
        AtomicInteger taken = new AtomicInteger();
        StopSignal enough = StopSignal.manual();
        return profile(List.of(), true, PATIENCE, enough, sink -> (sample, copy) -> {
            sink.accept(sample, copy);
            if (sample.threadName().equals(threadName) && taken.incrementAndGet() == samples) {
                enough.request();
            }
        });
    }

    private Profile profile(List<Integer> pids, boolean children, Duration length) throws Exception {
        return profile(pids, children, length, StopSignal.manual(), UnaryOperator.identity());
    }

    private Profile profile(
            List<Integer> pids, boolean children, Duration length, StopSignal stop, UnaryOperator<SampleSink> way)
            throws Exception {
        ProfileRequest request = new ProfileRequest(
                        pids,
                        pids.isEmpty(),
                        children,
                        length,
                        RATE,
                        UnwindMode.AUTO,
                        false,
                        false,
                        directory.resolve("life.pb.gz"),
                        List.of())
                .with(PythonFrameMode.OFF); // names come from perf maps
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        SessionResult result = new ProfilingSession(request, stop, new Log(new PrintStream(log, true)), way).run();
        System.out.println(log.toString(StandardCharsets.UTF_8));
        return Objects.requireNonNull(result.profile());
    }

    private static void print(String what, Spinning spinning) {
        System.out.println(what + ": " + spinning.samples() + " samples, " + spinning.complete() + " complete");
    }
}
