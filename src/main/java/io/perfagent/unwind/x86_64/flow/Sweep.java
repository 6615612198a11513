package io.perfagent.unwind.x86_64.flow;

import io.perfagent.unwind.cfi.Workspace;
import java.util.BitSet;

/** Finds the instructions of a piece of code. */
final class Sweep {
    private static final int ALIGNMENT = 16;

    private final Decoder decoder;
    private final Effects effects;
    private final int end;

    private Sweep(byte[] code, int end) {
        this.decoder = new Decoder(code, end);
        this.effects = new Effects(decoder);
        this.end = end;
    }

    /**
     * One behind the other. Behind bytes that are no instruction, nothing is taken for one before the next function, or before the next
     * multiple of 16.
     *
     * @param functions positions at which functions begin
     */
    static Stretch through(byte[] code, long address, BitSet functions, Workspace workspace) {
        Sweep sweep = new Sweep(code, code.length);
        Stretch found = new Stretch(address, workspace);
        found.whole = true;
        int function = functions.nextSetBit(1);
        for (int at = 0; at < sweep.end; ) {
            int length = sweep.decoder.decode(at);
            function = function > 0 && function <= at ? functions.nextSetBit(at + 1) : function;
            boolean crosses = length > 0 && function > 0 && function < at + length;
            if (length > 0 && !crosses) {
                found.add(at, length, sweep.effects.effect(at + length));
                at += length;
            } else {
                at = sweep.next(at, address, function);
            }
        }
        for (int at = functions.nextSetBit(0); at >= 0; at = functions.nextSetBit(at + 1)) {
            int index = found.indexOf(at);
            if (index >= 0) {
                found.starts.set(index);
            }
        }
        return found;
    }

    private int next(int at, long address, int function) {
        int aligned = at + ALIGNMENT - (int) ((address + at) % ALIGNMENT);
        return Math.min(function < 0 ? end : function, aligned);
    }
}
