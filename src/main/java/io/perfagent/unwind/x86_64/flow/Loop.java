package io.perfagent.unwind.x86_64.flow;

import java.util.BitSet;

/** The instructions of code that is reached from one of them which may run again behind that one and before it: what loops with it. */
final class Loop {
    private final Stretch code;
    private final BitSet found = new BitSet();
    private final BitSet due = new BitSet();

    private Loop(Stretch code) {
        this.code = code;
    }

    /**
     * @param code all of which is reached from the instruction
     * @return indexes; none where it does not run again
     */
    static BitSet of(Stretch code, int index) {
        Loop loop = new Loop(code);
        loop.before(index);
        for (int next = loop.due.nextSetBit(0); next >= 0; next = loop.due.nextSetBit(0)) {
            loop.due.clear(next);
            loop.before(next);
        }
        return loop.found.get(index) ? loop.found : new BitSet();
    }

    private void before(int index) {
        if (index > 0 && code.goesOn(index - 1)) {
            find(index - 1);
        }
        for (int jump = code.lastJumpTo(index); jump >= 0; jump = code.earlierJump(jump)) {
            find(jump);
        }
    }

    private void find(int index) {
        if (!found.get(index)) {
            found.set(index);
            due.set(index);
        }
    }
}
