package io.perfagent.report;

import io.perfagent.model.Event;
import io.perfagent.model.SamplerCounters;
import java.util.LinkedHashMap;
import java.util.Map;

/** Samples of an interval that were taken and are in no profile. */
public final class Losses {
    private Losses() {}

    /** Counts by cause, those that are 0 among them, always the same ones for an event and in the same order. */
    public static Map<String, Long> of(RunFacts facts) {
        SamplerCounters counters = facts.counters();
        Map<String, Long> losses = new LinkedHashMap<>();
        losses.put("ring_full", counters.dropped());
        losses.put("no_memory", facts.overflowed());
        losses.put("nested", counters.nested());
        if (facts.event() != Event.CPU_CLOCK) {
            losses.put("stack_gone", facts.waits().late());
            losses.put("target_not_known_yet", facts.waits().untaken());
        }
        return losses;
    }
}
