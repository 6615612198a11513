package io.perfagent.agent;

import io.perfagent.bpf.abi.StoppedWalk;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.Sample;
import io.perfagent.model.WalkEnd;
import io.perfagent.process.Image;
import io.perfagent.process.ProcessTable;
import io.perfagent.profile.Completeness;
import io.perfagent.profile.CountedStack;
import io.perfagent.profile.Interval;
import io.perfagent.rewalk.Rewalk;
import io.perfagent.rewalk.Rewalk.Counted;
import io.perfagent.rewalk.StoppedSample;
import io.perfagent.runtime.cpython.PythonFunctions;
import io.perfagent.sample.SampleSink;
import io.perfagent.thread.Questions;
import io.perfagent.walker.CodeMaps;
import io.perfagent.walker.CodeTables;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Counts the samples of the current interval, which belongs to the thread that reads them. What others want of it that thread does,
 * between two looks at the ring:
 *
 * <pre>
 *   sample-reader   accept accept accept │ drained: count what was walked on with, then what was asked │ accept …
 *   others                      cut ─────┘→ the interval so far; samples go into a new one
 * </pre>
 */
final class Recorder implements SampleSink {
    private final int self;
    private final boolean keepTimes;
    private final int maxWords;
    private final ProcessTable processes;
    private final CodeMaps maps;
    private final CodeTables code;
    private final Rewalk rewalk;
    private final PythonFunctions functions;
    private final Questions questions = new Questions();
    private final Wakings wakings = new Wakings((sample, process) -> current().add(sample, process));
    /** Of the thread that reads samples; of who asks once that has ended. */
    private Interval current;

    /** Of all intervals before the current one, likewise. */
    private Progress before = new Progress(0, 0, 0);

    private volatile Progress progress = before;
    private volatile long firstSampleNanos;

    /**
     * How far a run is.
     *
     * @param samples counted
     * @param userSamples of them, those with a user stack
     * @param complete of these, the complete ones
     */
    record Progress(long samples, long userSamples, long complete) {
        /** As many of all samples as are complete of those with a user stack. */
        long completeOfAll() {
            return userSamples == 0 ? samples : Math.round((double) samples * complete / userSamples);
        }

        Progress plus(Interval interval) {
            Completeness all = interval.completeness();
            return new Progress(samples + all.samples(), userSamples + all.userSamples(), complete + all.complete());
        }
    }

    /**
     * Begins with an empty interval.
     *
     * @param self the PID of the agent, whose own samples are left out
     * @param maxWords for the stacks of an interval
     * @param keepTimes whether an output needs to know when each sample was taken
     */
    Recorder(
            int self,
            ProcessTable processes,
            CodeMaps maps,
            CodeTables code,
            Rewalk rewalk,
            PythonFunctions functions,
            int maxWords,
            boolean keepTimes) {
        this.self = self;
        this.maxWords = maxWords;
        this.keepTimes = keepTimes;
        this.current = new Interval(maxWords, keepTimes);
        this.processes = processes;
        this.maps = maps;
        this.code = code;
        this.rewalk = rewalk;
        this.functions = functions;
    }

    @Override
    public void accept(Sample sample, MemorySegment copy) {
        if (sample.pid() == self && !sample.wakes()) {
            current.addOwn(sample);
            return;
        }
        if (firstSampleNanos == 0) {
            firstSampleNanos = sample.timeNanos();
        }
        Image image = processes.sampledAt(sample.pid(), sample.timeNanos());
        if (image == null && sample.wakes()) {
            wakings.add(sample.with(new long[0], PythonFrames.NONE, sample.end(), false), 0);
            return;
        }
        if (image == null) {
            current.addStranger();
            return;
        }
        functions.met(image, sample);
        if (copy.byteSize() == 0) {
            wakings.add(functions.placed(image, sample), image.number());
        } else if (!rewalk.offer(new StoppedSample(sample, image, new StoppedWalk(copy)))) {
            addWithoutMemory(functions.placed(image, sample), image.number());
        }
        if (sample.guessed() || sample.end() == WalkEnd.NO_MAPPING || sample.end() == WalkEnd.NO_TABLE) {
            rewalk.wake(); // there may be questions
        }
        if (sample.end() == WalkEnd.NO_MAPPING || sample.end() == WalkEnd.NO_PROCESS) {
            maps.lookAgain(sample.pid(), sample.timeNanos());
        }
        if (sample.end() == WalkEnd.TABLE_PENDING) {
            var _ = code.want(image, sample.user()[sample.user().length - 1]);
        }
    }

    /** Counts where a thread stands, and returns its stack. By the thread that counts samples, or while none are read. */
    Sample add(StoppedSample standing) {
        functions.met(standing.image(), standing.sample());
        boolean walkable = standing.sample().end() == WalkEnd.TABLE_PENDING;
        Sample walked = functions.placed(standing.image(), walkable ? rewalk.walk(standing) : standing.sample());
        current.add(walked, standing.image().number());
        return walked;
    }

    /** What lay in the ring has been handed over; on the same thread. */
    void drained() {
        countRewalked();
        wakings.drained(false);
        functions.drained();
        questions.answer();
        progress = before.plus(current);
    }

    /** Has something done between two samples, by the thread that counts them. */
    <T> T between(Supplier<T> task, Questions.Asked asked) {
        return questions.ask(task, asked);
    }

    /**
     * The samples that were counted since the last cut; those that come later go into a new interval.
     *
     * @param last hands over what still belongs into it
     * @param first likewise, into the new one
     */
    Interval cut(Runnable last, Runnable first, Questions.Asked asked) {
        return questions.ask(
                () -> {
                    last.run();
                    wakings.drained(true);
                    Interval full = exchange();
                    first.run();
                    return full;
                },
                asked);
    }

    /** The stacks of those processes whose numbers are wanted, as far as they have come in this interval. */
    List<CountedStack> stacks(Set<Integer> wanted, Questions.Asked asked) {
        return questions.ask(
                () -> {
                    List<CountedStack> found = new ArrayList<>();
                    current.forEach(wanted::contains, found::add);
                    return found;
                },
                asked);
    }

    /** The thread that reads samples has ended, and nothing is walked on with any more: what is left is counted, questions answer themselves. */
    void end() {
        countRewalked();
        wakings.drained(true);
        progress = before.plus(current);
        questions.end();
    }

    Progress progress() {
        return progress;
    }

    /** CLOCK_MONOTONIC of the first sample, 0 before it. */
    long firstSampleNanos() {
        return firstSampleNanos;
    }

    private void addWithoutMemory(Sample sample, int process) {
        if (sample.wakes()) {
            wakings.add(sample, process);
        } else {
            current.addWithoutMemory(sample, process);
        }
    }

    private Interval current() {
        return current;
    }

    private void countRewalked() {
        for (Counted next = rewalk.take(); next != null; next = rewalk.take()) {
            wakings.add(
                    functions.placed(next.image(), next.sample()), next.image().number());
        }
    }

    private Interval exchange() {
        Interval full = current;
        before = before.plus(full);
        current = new Interval(maxWords, keepTimes);
        functions.beginInterval();
        return full;
    }
}
