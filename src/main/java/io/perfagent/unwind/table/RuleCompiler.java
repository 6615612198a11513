package io.perfagent.unwind.table;

import io.perfagent.unwind.cfi.Cie;
import io.perfagent.unwind.cfi.Counts;
import io.perfagent.unwind.cfi.FrameState;
import io.perfagent.unwind.cfi.UnsupportedRule;

/** What a machine makes of a row of call-frame information. */
public interface RuleCompiler {
    /** The row of {@code bpf/abi.h} at offset 0 that says what {@code state} says; a stop where nothing can. */
    int rule(FrameState state, Cie cie);

    /** The same for code that has this row only, so much that a function would have made its frame in it: it is jumped into. */
    int sharedRule(FrameState state, Cie cie);

    /** Rows that had to become stops, by cause. */
    Counts<UnsupportedRule> unsupported();
}
