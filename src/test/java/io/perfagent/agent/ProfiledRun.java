package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Event;
import io.perfagent.model.Format;
import io.perfagent.model.Location;
import io.perfagent.model.Output;
import io.perfagent.model.Profile;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.PythonFrameMode;
import io.perfagent.model.SampledEvent;
import io.perfagent.model.StackCount;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WaitRequest;
import io.perfagent.report.Log;
import io.perfagent.sample.SampleSink;
import io.perfagent.testing.Names;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A target profiled in this process, and the log of the run. */
record ProfiledRun(SessionResult result, String log) {
    static final int RATE = 1999;
    private static final int MAX_CUT_STACKS = 10;
    private static final int MOST_TRIES = 6000;
    /** For as many samples as a test wants; what it asserts says how many are too few. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /**
     * A run that lasts for so many samples: a busy machine leaves a target little time, and takes longer to make them. CPython's frames are
     * not read: what has names has them otherwise.
     */
    static ProfiledRun of(int pid, boolean inject, int samples) throws Exception {
        return of(pid, inject, samples, RATE);
    }

    static ProfiledRun of(int pid, boolean inject, int samples, int rate) throws Exception {
        return of(request(pid, inject, PATIENCE, rate), samples);
    }

    /** The same with CPython's frames. */
    static ProfiledRun reading(int pid, boolean inject, int samples) throws Exception {
        return of(request(pid, inject, PATIENCE, RATE).with(PythonFrameMode.AUTO), samples);
    }

    /** The same, asked for in a way of the test's choice. */
    static ProfiledRun of(int pid, int samples, UnaryOperator<ProfileRequest> asked) throws Exception {
        return of(asked.apply(request(pid, false, PATIENCE, RATE)), samples);
    }

    private static ProfiledRun of(ProfileRequest request, int samples) throws Exception {
        AtomicInteger taken = new AtomicInteger();
        StopSignal enough = StopSignal.manual();
        return run(request, enough, sink -> (sample, copy) -> {
            sink.accept(sample, copy);
            if (taken.incrementAndGet() == samples) {
                enough.request();
            }
        });
    }

    /** Something that a test does while samples are taken, whose number it is told. */
    interface Meanwhile {
        void happens(AtomicInteger samples) throws Exception;
    }

    /** Waits for so many samples. */
    static void await(AtomicInteger samples, int count) throws InterruptedException {
        for (int tries = 0; samples.get() < count; tries++) {
            assertThat(tries).as("tries for %d samples", count).isLessThan(MOST_TRIES);
            Thread.sleep(20);
        }
    }

    /** With CPython's frames, for as long as something takes. */
    static ProfiledRun during(int pid, Meanwhile something) throws Exception {
        return during(request(pid, false, Duration.ofHours(1), RATE).with(PythonFrameMode.AUTO), something);
    }

    /** The same of time off the CPU. */
    static ProfiledRun waiting(int pid, Duration threshold, Meanwhile something) throws Exception {
        ProfileRequest running = request(pid, false, Duration.ofHours(1), RATE).with(PythonFrameMode.AUTO);
        return during(running.with(new WaitRequest(threshold, Duration.ZERO, running.outputs())), something);
    }

    /** Of time off the CPU, and who ended it. */
    static ProfiledRun woken(int pid, Duration threshold, Meanwhile something) throws Exception {
        ProfileRequest running = request(pid, false, Duration.ofHours(1), RATE).with(PythonFrameMode.AUTO);
        return during(running.with(new WaitRequest(threshold, Duration.ZERO, true, running.outputs())), something);
    }

    /** With CPython's frames, on the CPU and off it, a profile of each. */
    static ProfiledRun runningAndWaiting(int pid, Duration threshold, Meanwhile something) throws Exception {
        ProfileRequest running = request(pid, false, Duration.ofHours(1), RATE).with(PythonFrameMode.AUTO);
        WaitRequest waits = new WaitRequest(threshold, Duration.ZERO, output("waits-"));
        return during(running.withToo(waits), something);
    }

    /** The same of all time of threads. */
    static ProfiledRun ofWall(int pid, Duration threshold, boolean wakers, Meanwhile something) throws Exception {
        return during(wall(pid, threshold, wakers, Duration.ofHours(1), null), something);
    }

    /** @param every null for one interval */
    static ProfileRequest wall(int pid, Duration threshold, boolean wakers, Duration duration, @Nullable Duration every)
            throws IOException {
        ProfileRequest running = request(pid, false, duration, RATE);
        return new ProfileRequest(
                running.pids(),
                false,
                true,
                duration,
                RATE,
                UnwindMode.AUTO,
                PythonFrameMode.AUTO,
                false,
                false,
                List.of(),
                List.of(),
                every,
                WaitRequest.wall(threshold, wakers, running.outputs(), Duration.ZERO),
                SampledEvent.CPU_CLOCK);
    }

    private static ProfiledRun during(ProfileRequest request, Meanwhile something) throws Exception {
        AtomicInteger taken = new AtomicInteger();
        StopSignal done = StopSignal.manual();
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            Future<ProfiledRun> run = other.submit(() -> run(request, done, sink -> (sample, copy) -> {
                sink.accept(sample, copy);
                taken.incrementAndGet();
            }));
            try {
                something.happens(taken);
            } finally {
                done.request();
            }
            return run.get();
        }
    }

    static ProfiledRun lasting(int pid, boolean inject, Duration duration, int rate) throws Exception {
        return run(request(pid, inject, duration, rate), StopSignal.manual(), UnaryOperator.identity());
    }

    private static ProfileRequest request(int pid, boolean inject, Duration duration, int rate) throws IOException {
        Path file = Files.createTempFile("truth-", ".pb.gz");
        return new ProfileRequest(
                        List.of(pid), false, true, duration, rate, UnwindMode.AUTO, inject, false, file, List.of())
                .with(PythonFrameMode.OFF);
    }

    private static List<Output> output(String name) throws IOException {
        return List.of(new Output(Files.createTempFile(name, ".pb.gz"), Format.PPROF));
    }

    private static ProfiledRun run(ProfileRequest request, StopSignal stop, UnaryOperator<SampleSink> way)
            throws Exception {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        try {
            SessionResult result = new ProfilingSession(request, stop, new Log(new PrintStream(log, true)), way).run();
            return new ProfiledRun(result, log.toString(StandardCharsets.UTF_8));
        } finally {
            for (Event event : request.events()) {
                Files.deleteIfExists(
                        Objects.requireNonNull(request.outputs(event).getFirst().path()));
            }
        }
    }

    Profile profile() {
        return Objects.requireNonNull(result.profile());
    }

    /** Of the samples that have a user stack: threads that end have none any more. */
    double completeShare() {
        return (double) result.completeSamples() / result.userSamples();
    }

    /** The reasons of incomplete stacks, as the run itself tells them. */
    List<String> reasons() {
        List<String> reasons = new ArrayList<>();
        for (String comment : profile().comments()) {
            for (String fact : comment.split("; ", -1)) {
                if (fact.startsWith("cut stacks") || fact.startsWith("complete")) {
                    reasons.add(fact);
                }
            }
        }
        return reasons;
    }

    /**
     * The share of the main thread's samples whose outermost frame lies in the first 64 bytes of the program's entry point: where
     * the kernel started the thread, whatever the walker says of it.
     */
    double reachesEntryPoint(int pid) throws Exception {
        long entry = entryPoint(pid);
        long all = 0;
        long reached = 0;
        for (StackCount stack : profile().stacks()) {
            if (stack.tid() == pid) {
                Location outermost = stack.locations().getLast();
                all += stack.count();
                reached += outermost.address() >= entry && outermost.address() < entry + 64 ? stack.count() : 0;
            }
        }
        return all == 0 ? 1 : (double) reached / all;
    }

    /** AT_ENTRY of the auxiliary vector (getauxval(3)): the kernel's own word. */
    static long entryPoint(int pid) throws Exception {
        ByteBuffer auxv = ByteBuffer.wrap(Files.readAllBytes(Path.of("/proc/" + pid + "/auxv")))
                .order(ByteOrder.LITTLE_ENDIAN);
        while (auxv.remaining() >= 16) {
            long key = auxv.getLong();
            long value = auxv.getLong();
            if (key == 9) {
                return value;
            }
        }
        throw new AssertionError("no AT_ENTRY in the auxiliary vector");
    }

    /** One cut stack is no share of it where a busy machine left fewer samples than could show the share. */
    void expectComplete(double share) {
        assertThat(result.userSamples()).as("samples").isGreaterThan(300);
        long incomplete = result.userSamples() - result.completeSamples() - newborn();
        long allowed = Math.max(share < 1 ? 1 : 0, (long) ((1 - share) * result.userSamples()));
        assertThat(incomplete)
                .as("incomplete stacks, share " + completeShare() + " instead of " + share + "; " + reasons()
                        + cutStacks())
                .isLessThanOrEqualTo(allowed);
    }

    /**
     * Of threads that were just born: all that a thread does stands on clone, but for the instructions behind the system call, which nothing
     * describes. Where it was met there, nothing is above, and the walk cannot know that it is so.
     */
    private long newborn() {
        return profile().stacks().stream()
                .filter(stack -> stack.tid() != stack.pid() && !stack.end().complete())
                .filter(stack -> userFunctions(stack).equals(List.of("clone3")))
                .mapToLong(StackCount::count)
                .sum();
    }

    private static List<String> userFunctions(StackCount stack) {
        return stack.locations().stream()
                .filter(location -> location.kind() != Location.Kind.KERNEL)
                .map(Names::of)
                .toList();
    }

    /** Some of them, a line each. */
    private String cutStacks() {
        StringBuilder lines = new StringBuilder();
        profile().stacks().stream()
                .filter(stack -> !stack.end().complete())
                .limit(MAX_CUT_STACKS)
                .forEach(stack -> lines.append("\n").append(stack));
        return lines.toString();
    }
}
