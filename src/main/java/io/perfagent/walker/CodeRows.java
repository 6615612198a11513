package io.perfagent.walker;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.CodeMemory;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.table.KeptFrames;

/** The rows of all code that one process has mapped. */
@FunctionalInterface
public interface CodeRows {
    /**
     * The rule for an address, as in a row of {@link io.perfagent.bpf.abi.UnwindRow} without its offset: a stop for its reason where
     * the process has no mapping there, the mapping no table, or the table no rule.
     *
     * @param address runtime address, inside an instruction
     */
    int row(long address);

    /** Whether code may run at a runtime address: a file's, or what the process has made. */
    default boolean isExecutable(long address) {
        return row(address) != UnwindRow.stop(WalkEnd.NO_MAPPING);
    }

    /**
     * The same for code that the process has made, from what its instructions do; 0 where they do not tell.
     *
     * @param memory where the code is
     * @param address of the instruction that comes next in the frame
     */
    default int made(CodeMemory memory, long address) {
        return 0;
    }

    /**
     * Whether a function may only have jumped to an address, with no more on the stack than it was called with.
     *
     * @param memory where the code is
     * @param function where it begins
     */
    default boolean leads(CodeMemory memory, long function, long pc) {
        return false;
    }

    /** Which code of the process keeps frame pointers. */
    default KeptFrames keptFrames() {
        return KeptFrames.UNKNOWN;
    }
}
