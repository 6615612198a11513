package io.perfagent.python.inject;

import io.perfagent.linux.ProcessMemory;
import io.perfagent.model.Mapping;
import java.io.IOException;
import java.util.List;

/**
 * What an earlier activation left in a process, see {@link ControlBlock}.
 *
 * @param evaluator the evaluation function that it found, 0 for none
 * @param inherited whether fork copied it from the parent
 */
public record ActivationRecord(long evaluator, boolean inherited) {
    private static final ActivationRecord NONE = new ActivationRecord(0, false);

    /** Only reads; evaluator 0 where there is no record. */
    public static ActivationRecord read(Interpreter interpreter, ProcessMemory memory, List<Mapping> mappings)
            throws IOException, RefusedException {
        Padding padding = new Padding(interpreter, memory, mappings);
        long at = padding.controlBlock();
        if (!padding.hasMagic(at)) {
            return NONE;
        }
        ControlBlock block = new ControlBlock(memory, at);
        return new ActivationRecord(block.evaluator(), !block.ownedBy(interpreter.startTime()));
    }
}
