package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.perfagent.bpf.KernelTracepoints;
import io.perfagent.model.Descriptor;
import io.perfagent.model.Event;
import io.perfagent.model.Measure;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadState;
import io.perfagent.testing.Names;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Time off the CPU against what a program knows of its own. */
class OffCpuTruthIT {
    private static final String PROGRAM =
            Path.of("target", "workloads", "waits").toAbsolutePath().toString();
    private static final String QUEUED =
            Path.of("target", "workloads", "queued").toAbsolutePath().toString();
    private static final Duration THRESHOLD = Duration.ofMillis(1);
    /** What naps wait for a CPU is recorded nearly all. */
    private static final Duration FINE = Duration.ofNanos(100_000);
    /** A test of many figures: three would be off by chance once in 60 runs. */
    private static final int STANDARD_ERRORS = 4;

    private static final double TOLERANCE = 0.02;
    /** From a wake-up to the switch, which a thread's own clock takes for time on the CPU (waits.c). */
    private static final long SWITCH_NANOS = 10_000;

    private static final long INTERRUPT_NANOS = 40_000;

    /** By timers, which some interrupts keep waiting; counted, and in the log. */
    private static final double MOST_LATE = KernelTracepoints.tellSwitchEnd() ? 0 : 0.01;

    private static final int BLOCK = 4096;
    private static final int BLOCKS = 4096;

    private static final Map<String, ThreadState> STATES = Map.of(
            "reads_disk", ThreadState.IO,
            "long_sleeps", ThreadState.SLEEP,
            "short_sleeps", ThreadState.SLEEP,
            "polls", ThreadState.POLL,
            "wants_lock", ThreadState.LOCK,
            "reads_pipe", ThreadState.IO,
            "competes", ThreadState.RUNQUEUE);

    private record Truth(long nanos, long waits) {}

    @Test
    void eachFunctionsWaitsAreWhatTheyWere() throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(PROGRAM))) {
            Map<String, Truth> truth = new HashMap<>();
            ProfiledRun run = run(target, truth);
            assertThat(run.profile().measure()).isEqualTo(Measure.OFF_CPU);
            run.expectComplete(1);
            truth.forEach((function, known) -> expect(run.profile(), function, known));
            expectThatWaitedAllTheTime(run.profile());
            assertThat(run.log()).contains("lost:");
            assertThat(number(run.log(), "waits: (\\d+), [^;]* before their stacks were taken"))
                    .isLessThanOrEqualTo((long) (MOST_LATE * number(run.log(), "(\\d+) of them are recorded")));
        }
    }

    /** That a line of the log has; 0 where there is no such line. */
    private static long number(String log, String line) {
        Matcher matcher = Pattern.compile(line).matcher(log);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    /** Of a file system that can read past its cache. */
    @Test
    @Tag("long")
    void readsOfADiskAreAsLongAsTheyWere() throws Exception {
        Path file = Files.createTempFile(Path.of("target"), "blocks-", "");
        try {
            fill(file);
            assumeThat(canBeReadPastTheCache(file)).isTrue();
            try (TargetProgram target = TargetProgram.start(
                    Map.of(), List.of(PROGRAM, file.toAbsolutePath().toString()))) {
                Map<String, Truth> truth = new HashMap<>();
                ProfiledRun run = run(target, truth);
                assertThat(truth).containsOnlyKeys("reads_disk");
                truth.forEach((function, known) -> expect(run.profile(), function, known));
                assertThat(run.profile().stacks())
                        .filteredOn(stack -> Names.of(stack).contains("reads_disk") && stack.state() == ThreadState.IO)
                        .extracting(stack -> stack.activity().descriptor())
                        .containsOnly(Descriptor.FILE);
            }
        } finally {
            Files.delete(file);
        }
    }

    private static void fill(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            byte[] bytes = new byte[BLOCKS * BLOCK];
            Arrays.fill(bytes, (byte) 1);
            channel.write(ByteBuffer.wrap(bytes));
            channel.force(true);
        }
    }

    private static boolean canBeReadPastTheCache(Path file) throws Exception {
        return new ProcessBuilder("dd", "if=" + file, "of=/dev/null", "bs=4096", "count=1", "iflag=direct")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    /** Has it do what it does, and say how long that was. */
    private static ProfiledRun run(TargetProgram target, Map<String, Truth> truth) throws Exception {
        ProfiledRun run = ProfiledRun.waiting(target.pid(), THRESHOLD, samples -> {
            ProfiledRun.await(samples, 1);
            Tool.output("kill", "-USR1", Integer.toString(target.pid()));
            for (String line = target.nextLine(); !line.equals("done"); line = target.nextLine()) {
                String[] words = line.split(" ", -1);
                truth.put(words[0], new Truth(Long.parseLong(words[1]), Long.parseLong(words[2])));
            }
        });
        System.out.println(run.log());
        return run;
    }

    /** Since when a thread could run: as the scheduler says it at a switch, and as its wake-ups do, in two runs at one time. */
    @Test
    void theSchedulerSaysWhatWakeUpsSay() throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(QUEUED))) {
            List<ProfiledRun> told = new ArrayList<>();
            ProfiledRun watched = ProfiledRun.woken(target.pid(), FINE, samples -> {
                ProfiledRun.await(samples, 1);
                told.add(ProfiledRun.waiting(target.pid(), FINE, own -> {
                    ProfiledRun.await(own, 1);
                    Tool.output("kill", "-USR1", Integer.toString(target.pid()));
                    assertThat(target.nextLine()).isEqualTo("done");
                }));
            });
            double queued = queued(told.getFirst().profile());
            double known = queued(watched.profile());
            System.out.printf("naps in the run queue: %.3f s, by wake-ups %.3f s%n", queued / 1e9, known / 1e9);
            assertThat(known).isGreaterThan(1e8);
            assertThat(queued).isCloseTo(known, Offset.offset(STANDARD_ERRORS * Math.sqrt(2 * FINE.toNanos() * known)));
        }
    }

    private static double queued(Profile profile) {
        return profile.stacks().stream()
                .filter(stack ->
                        stack.state() == ThreadState.RUNQUEUE && Names.of(stack).contains("naps"))
                .mapToLong(StackCount::count)
                .sum();
    }

    /** What a target starts waits at once, before anybody in user space has heard of it: as long as its parent waits for it. */
    @Test
    void childrenAreSeenFromTheirBeginningOn() throws Exception {
        List<String> shell = List.of("sh", "-c", "echo ready; while :; do sleep 0.3; done");
        try (TargetProgram target = TargetProgram.start(Map.of(), shell)) {
            ProfiledRun run = ProfiledRun.waiting(target.pid(), THRESHOLD, samples -> ProfiledRun.await(samples, 60));
            assertThat((double) nanos(run.profile(), "sleep"))
                    .as(run.log())
                    .isBetween(0.8 * nanos(run.profile(), "sh"), 1.1 * nanos(run.profile(), "sh"));
        }
    }

    private static long nanos(Profile profile, String thread) {
        return profile.stacks().stream()
                .filter(stack -> stack.threadName().equals(thread))
                .mapToLong(StackCount::count)
                .sum();
    }

    /** In which stacks are taken: by the switches that is the thread's time, by its own clock it may be nobody's. */
    private static double interrupts(Truth truth) {
        return INTERRUPT_NANOS * Math.min((double) truth.waits, (double) truth.nanos / THRESHOLD.toNanos());
    }

    private static void expect(Profile profile, String function, Truth truth) {
        double nanos = 0;
        double waits = 0;
        Map<ThreadState, Long> states = new HashMap<>();
        for (StackCount stack : profile.stacks()) {
            assertThat(stack.event()).isEqualTo(Event.OFF_CPU);
            if (Names.of(stack).contains(function)) {
                assertThat(Names.of(stack)).containsSubsequence(function, "say", "run", "main");
                nanos += stack.count();
                waits += stack.activity().waits();
                states.merge(stack.state(), stack.count(), Long::sum);
            }
        }
        double error = Math.sqrt((double) THRESHOLD.toNanos() * truth.nanos);
        System.out.printf(
                "%s: %.4f s, true %.4f s, off by %.2f %% and %.1f standard errors at most; waits %.0f, true %d; %s%n",
                function,
                nanos / 1e9,
                truth.nanos / 1e9,
                100 * (nanos - truth.nanos) / truth.nanos,
                (nanos - truth.nanos) / error,
                waits,
                truth.waits,
                states);
        assertThat(nanos)
                .as(function)
                .isBetween(
                        truth.nanos - interrupts(truth) - Math.max(TOLERANCE * truth.nanos, STANDARD_ERRORS * error),
                        truth.nanos
                                + truth.waits * SWITCH_NANOS
                                + Math.max(TOLERANCE * truth.nanos, STANDARD_ERRORS * error));
        assertThat(states.keySet()).as(function).isSubsetOf(EnumSet.of(STATES.get(function), ThreadState.RUNQUEUE));
        assertThat(states.getOrDefault(STATES.get(function), 0L)).as(function).isPositive();
    }

    /** What waits from before the run to behind its end has waited for as long as that took. */
    private static void expectThatWaitedAllTheTime(Profile profile) {
        List<StackCount> stacks = profile.stacks().stream()
                .filter(stack -> Names.of(stack).contains("never_ends"))
                .toList();
        assertThat(stacks).hasSize(1);
        assertThat(stacks.getFirst().state()).isEqualTo(ThreadState.SLEEP);
        assertThat(stacks.getFirst().activity().waits()).isEqualTo(1);
        assertThat((double) stacks.getFirst().count())
                .isBetween(
                        0.9 * profile.duration().toNanos(),
                        1.01 * profile.duration().toNanos());
    }
}
