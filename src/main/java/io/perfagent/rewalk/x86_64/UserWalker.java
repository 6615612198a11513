package io.perfagent.rewalk.x86_64;

import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.bpf.abi.StoppedWalk;
import io.perfagent.model.CodeMemory;
import io.perfagent.model.UnwindMode;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.x86_64.UnwindRule;
import io.perfagent.walker.CodeRows;
import org.jspecify.annotations.Nullable;

/**
 * Goes on in user space with walks that stopped in the kernel, over the same tables. The second implementation of
 * {@code bpf/walker.h}: it follows the equations of {@link UnwindRule}, not that code, and tests compare both.
 */
public final class UserWalker {
    private final RowDecoder decoder;
    private final UnwindMode mode;

    /** @param dictionary the one that the tables were compiled with */
    public UserWalker(RuleDictionary dictionary, UnwindMode mode) {
        this.decoder = new RowDecoder(dictionary);
        this.mode = mode;
    }

    /**
     * Walks from the frame that a walk stopped at.
     *
     * @param rows of the process
     * @param memory of the process, for code that no table describes
     * @param jvm what is known of the process as a JVM, if it is one
     * @param maxFrames of the result
     */
    public Walked walk(StoppedWalk from, CodeRows rows, CodeMemory memory, @Nullable HotSpotEntry jvm, int maxFrames) {
        return new StackWalk(from, new FrameRules(rows, decoder, memory, jvm, mode)).run(maxFrames);
    }
}
