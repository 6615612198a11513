package io.perfagent.agent;

import io.perfagent.model.Sample;
import io.perfagent.model.Waking;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.function.ObjIntConsumer;

/**
 * Brings waits together with the samples of the threads that ended them: these come first as a rule, but not where other processors are ahead, or a stack is walked in
 * user space. For the thread that reads samples.
 */
final class Wakings {
    private static final int MOST_KNOWN = 8_192;
    /** Looks at the ring, some a second. */
    private static final int LONGEST = 8;

    private final Map<Long, Waking> known = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Waking> eldest) {
            return size() > MOST_KNOWN;
        }
    };
    private final Queue<Held> held = new ArrayDeque<>();
    private final ObjIntConsumer<Sample> counted;
    private int looks;

    private record Held(Sample sample, int process, int since) {}

    /** @param counted takes samples with the numbers of their images, those of waits with their wakers */
    Wakings(ObjIntConsumer<Sample> counted) {
        this.counted = counted;
    }

    void add(Sample sample, int process) {
        Waking waking = sample.waking();
        if (sample.wakes()) {
            known.put(waking.number(), new Waking(waking.number(), sample.merged(), process));
        } else if (waking.isNumbered()) {
            held.add(new Held(sample, process, looks));
        } else {
            counted.accept(sample, process);
        }
    }

    /** Counts those whose wakers have come, or will not any more. */
    void drained(boolean last) {
        looks++;
        for (int left = held.size(); left > 0; left--) {
            Held one = held.remove();
            Waking found = known.get(one.sample.waking().number());
            if (found != null) {
                counted.accept(one.sample.with(found), one.process);
            } else if (last || looks - one.since > LONGEST) {
                counted.accept(one.sample.with(new Waking(Waking.MISSED, null, 0)), one.process);
            } else {
                held.add(one);
            }
        }
    }
}
