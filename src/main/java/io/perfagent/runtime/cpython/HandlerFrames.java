package io.perfagent.runtime.cpython;

import io.perfagent.model.CodeMemory;
import io.perfagent.model.Mapping;
import io.perfagent.model.Sample;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The frames of {@link Handlers}, between the evaluation function and the C code that it has called. They are a part of that function, and go
 * without saying where what it evaluates is on the stack:
 *
 * <pre>
 *   leaf → root    read │ handler │ evaluation function │ …        becomes    read │ py::f │ evaluation function │ …
 * </pre>
 *
 * <p>Those of one process, for one thread.
 */
final class HandlerFrames {
    /** Remembered: one for each place that calls Python functions. */
    private static final int MOST_CALLS = 1_000;

    private final List<CodeRange> evaluation;
    private final CodeMemory memory;
    private final Map<Long, Boolean> known = new HashMap<>();
    private @Nullable Handlers handlers;

    /** @param evaluation parts of the evaluation function */
    HandlerFrames(List<CodeRange> evaluation, CodeMemory memory) {
        this.evaluation = evaluation;
        this.memory = memory;
    }

    /**
     * The same sample without them. One that may lack frames is left as it is: what stands below a call need not be what it has called.
     *
     * @param code mappings of the process
     */
    Sample removedFrom(Sample sample, List<Mapping> code) {
        Handlers of = handlers(code);
        boolean proven = !sample.guessed() && !of.functions().isEmpty();
        BitSet found = proven ? frames(sample, of) : new BitSet();
        return found.isEmpty() ? sample : without(sample, found);
    }

    private Handlers handlers(List<Mapping> code) {
        Handlers of = handlers == null ? Handlers.of(evaluation, memory, code) : handlers;
        handlers = of;
        return of;
    }

    /** One that has been inlined where it calls is a call itself. */
    private BitSet frames(Sample sample, Handlers of) {
        BitSet calls = sample.python().places();
        BitSet found = new BitSet();
        for (int at = calls.nextSetBit(1); at > 0 && at < sample.user().length; at = calls.nextSetBit(at + 1)) {
            found.set(at - 1, !calls.get(at - 1) && isHandlerBelow(sample.user()[at] + 1, of));
        }
        return found;
    }

    private boolean isHandlerBelow(long returnAddress, Handlers of) {
        Boolean is = known.get(returnAddress);
        if (is == null) {
            is = of.areCalledBefore(returnAddress, memory);
            if (known.size() < MOST_CALLS) {
                known.put(returnAddress, is);
            }
        }
        return is;
    }

    private static Sample without(Sample sample, BitSet found) {
        long[] user = IntStream.range(0, sample.user().length)
                .filter(at -> !found.get(at))
                .mapToLong(at -> sample.user()[at])
                .toArray();
        return sample.with(user, sample.python().without(found), sample.end(), sample.guessed());
    }
}
