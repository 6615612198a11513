package io.perfagent.api;

import io.perfagent.agent.StopSignal;
import io.perfagent.model.Format;
import io.perfagent.model.Output;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.PythonFrameMode;
import io.perfagent.model.SampledEvent;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WaitRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a run is of. Targets have to be named, by {@link #pids} or {@link #allProcesses}; the rest has the values of {@code perf-agent
 * --profile}: 99 samples per second and CPU, what targets start, Python's frames read, without end. For one thread.
 *
 * <p>Methods throw {@link IllegalArgumentException} for what can be no setting.
 */
public final class PerfAgentBuilder {
    private static final int HIGHEST_RATE = 10_000;
    private static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(1);
    private static final Duration LOWEST_THRESHOLD = Duration.ofNanos(10_000);
    private static final Duration HIGHEST_THRESHOLD = Duration.ofSeconds(1);
    private static final List<Output> HANDED_OVER = List.of(new Output(null, Format.PPROF));

    private List<Integer> pids = List.of();
    private boolean all;
    private boolean children = true;
    private int sampleRate = 99;
    private boolean pythonFrames = true;
    private boolean onCpu = true;
    private @Nullable WaitRequest waits;
    private @Nullable Duration every;
    private Duration duration = ProfileRequest.WITHOUT_END;
    private final Map<String, String> labels = new LinkedHashMap<>();
    private PerfAgentListener listener = new PerfAgentListener() {};

    PerfAgentBuilder() {}

    /** Profiles these processes, with those that they start, until the last of them has ended. */
    public PerfAgentBuilder pids(int... targets) {
        require(targets.length > 0 && IntStream.of(targets).allMatch(pid -> pid > 0), "PIDs are numbers from 1 on");
        pids = IntStream.of(targets).distinct().boxed().toList();
        all = false;
        return this;
    }

    /** Profiles every process but the one that the run is in. */
    public PerfAgentBuilder allProcesses() {
        pids = List.of();
        all = true;
        return this;
    }

    /** Whether what targets start is profiled with them; it is unless told otherwise. */
    public PerfAgentBuilder children(boolean too) {
        children = too;
        return this;
    }

    /**
     * How often a CPU is looked at.
     *
     * @param rate samples per second, 1 to 10,000; 99 unless told otherwise
     */
    public PerfAgentBuilder sampleRate(int rate) {
        require(rate >= 1 && rate <= HIGHEST_RATE, "a sample rate is 1 to " + HIGHEST_RATE + " a second: " + rate);
        sampleRate = rate;
        return this;
    }

    /** Whether CPython's frames are read, which names Python functions and changes nothing in the targets; they are unless told otherwise. */
    public PerfAgentBuilder pythonFrames(boolean read) {
        pythonFrames = read;
        return this;
    }

    /**
     * Records where threads wait, in a profile of its own beside that of the CPU.
     *
     * @param threshold longer waits are all recorded, shorter ones by chance, and stand for so long; 10 us to 1 s, 10 ms is usual
     */
    public PerfAgentBuilder offCpu(Duration threshold) {
        waits = new WaitRequest(checked(threshold), Duration.ZERO, HANDED_OVER);
        onCpu = true;
        return this;
    }

    /**
     * Records all time of threads, running and waiting, in one profile and no other.
     *
     * @param threshold as of {@link #offCpu}
     */
    public PerfAgentBuilder wall(Duration threshold) {
        waits = WaitRequest.wall(checked(threshold), HANDED_OVER, Duration.ZERO);
        onCpu = false;
        return this;
    }

    /**
     * Ends an interval each so long, besides when somebody asks.
     *
     * @param interval 1 s at least
     */
    public PerfAgentBuilder every(Duration interval) {
        require(interval.compareTo(SHORTEST_INTERVAL) >= 0, "an interval is 1 s at least: " + interval);
        every = interval;
        return this;
    }

    /** Ends the run by itself after so long. */
    public PerfAgentBuilder duration(Duration whole) {
        require(whole.isPositive() && whole.compareTo(ProfileRequest.WITHOUT_END) <= 0, "no duration: " + whole);
        duration = whole;
        return this;
    }

    /** Adds a comment {@code key=value} to all profiles; a key that was there gets the new value. */
    public PerfAgentBuilder label(String key, String value) {
        require(!key.isEmpty() && key.indexOf('=') < 0, "the key of a label is a word without =");
        require((key + value).chars().noneMatch(Character::isISOControl), "a label is one line");
        labels.put(key, value);
        return this;
    }

    /** Who is told of intervals and warnings; one, the last that was given. */
    public PerfAgentBuilder listener(PerfAgentListener told) {
        listener = told;
        return this;
    }

    /** A run that has not begun. Throws {@link IllegalStateException} where there are no targets. */
    public PerfAgent build() {
        if (!all && pids.isEmpty()) {
            throw new IllegalStateException("a run needs targets: pids(…) or allProcesses()");
        }
        return new PerfAgent(request(), StopSignal.manual(), listener);
    }

    private ProfileRequest request() {
        List<String> tags = new ArrayList<>();
        labels.forEach((key, value) -> tags.add(key + "=" + value));
        return new ProfileRequest(
                pids,
                all,
                all || children,
                duration,
                sampleRate,
                UnwindMode.AUTO,
                pythonFrames ? PythonFrameMode.AUTO : PythonFrameMode.OFF,
                false,
                false,
                onCpu ? HANDED_OVER : List.of(),
                tags,
                every,
                waits,
                SampledEvent.CPU_CLOCK);
    }

    private static Duration checked(Duration threshold) {
        require(
                threshold.compareTo(LOWEST_THRESHOLD) >= 0 && threshold.compareTo(HIGHEST_THRESHOLD) <= 0,
                "the threshold of waits is 10 us to 1 s: " + threshold);
        return threshold;
    }

    private static void require(boolean right, String problem) {
        if (!right) {
            throw new IllegalArgumentException(problem);
        }
    }
}
