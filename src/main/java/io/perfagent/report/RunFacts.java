package io.perfagent.report;

import io.perfagent.model.Event;
import io.perfagent.model.LinesLeftOut;
import io.perfagent.model.OpenWaits;
import io.perfagent.model.RewalkCounters;
import io.perfagent.model.SamplerCounters;
import io.perfagent.model.StackCount;
import io.perfagent.model.WaitCounters;
import io.perfagent.model.WallTotals;
import io.perfagent.profile.Completeness;
import io.perfagent.profile.GilSummary;
import io.perfagent.profile.Naming;
import io.perfagent.profile.PythonReading;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is known of an interval.
 *
 * @param event what its samples are of
 * @param stacks its samples, with names
 * @param naming how they are named
 * @param completeness how whole they are
 * @param pythonReading what came of reading CPython's frames
 * @param own samples of the agent's, which are left out
 * @param overflowed samples left out because memory for stacks was full
 * @param withoutMemory samples counted as they were because memory for those that wait was full
 * @param counters what the kernel side has counted in it
 * @param rewalked what walks in user space have come to in it
 * @param missed what was missed of processes, a line for each cause
 * @param mapLines lines of perf maps that name nothing, since the run began
 * @param start what it took until samples came in
 * @param python what became of the targets' trampolines, lines for the profile
 * @param pythonActivated whether an interpreter could have named its functions
 * @param waits what the kernel side has counted of time off the CPU
 * @param gil what became of CPython's locks
 * @param duration of the interval
 * @param open waits that had not ended when the run did
 * @param wall how the wall clock divides, where that is what was asked for
 * @param remedies what would give names to frames that have none
 */
public record RunFacts(
        Event event,
        List<StackCount> stacks,
        Naming naming,
        Completeness completeness,
        PythonReading pythonReading,
        long own,
        long overflowed,
        long withoutMemory,
        SamplerCounters counters,
        RewalkCounters rewalked,
        List<String> missed,
        LinesLeftOut mapLines,
        StartCost start,
        List<String> python,
        boolean pythonActivated,
        WaitCounters waits,
        List<GilSummary> gil,
        Duration duration,
        OpenWaits open,
        WallTotals wall,
        List<String> remedies) {
    /** Of this interval and the ones after it, the last of which is given. */
    public RunFacts plus(RunFacts later) {
        List<StackCount> all = both(stacks, later.stacks);
        return new RunFacts(
                event,
                all,
                Naming.of(event, all),
                completeness.plus(later.completeness),
                pythonReading.plus(later.pythonReading),
                own + later.own,
                overflowed + later.overflowed,
                withoutMemory + later.withoutMemory,
                counters.plus(later.counters),
                rewalked.plus(later.rewalked),
                both(missed, later.missed).stream().distinct().toList(),
                later.mapLines,
                start,
                later.python,
                later.pythonActivated,
                waits.plus(later.waits),
                later.gil,
                later.duration,
                open.plus(later.open),
                wall.plus(later.wall),
                both(remedies, later.remedies).stream().distinct().toList());
    }

    /** The same of a stretch, with what became of locks in all of it. */
    public RunFacts over(Duration stretch, List<GilSummary> locks) {
        return new RunFacts(
                event,
                stacks,
                naming,
                completeness,
                pythonReading,
                own,
                overflowed,
                withoutMemory,
                counters,
                rewalked,
                missed,
                mapLines,
                start,
                python,
                pythonActivated,
                waits,
                locks,
                stretch,
                open,
                wall,
                remedies);
    }

    private static <T> List<T> both(List<T> one, List<T> other) {
        return Stream.concat(one.stream(), other.stream()).toList();
    }

    /** Samples that were taken and are in no profile. */
    public long dropped() {
        return counters.dropped() + overflowed;
    }
}
