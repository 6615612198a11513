package io.perfagent.unwind.x86_64.flow;

import java.util.BitSet;

/** Follows the instructions of a {@link Stretch} from where functions begin, until nothing changes: a {@link Begun} for each of them. */
final class ForwardFlow {
    private static final int ALIGNMENT = 16;
    /** Instructions among which functions save a register. */
    private static final int PROLOGUE = 3;
    /** Registers that calls preserve. */
    private static final int SAVED = 1 << Effect.RBX | 1 << Effect.RBP | 0xf000;

    private final Stretch code;
    private final long[] begun;
    private final BitSet due = new BitSet();

    private ForwardFlow(Stretch code) {
        this.code = code;
        this.begun = new long[code.count()];
    }

    /** @param rounds so often each instruction is looked at, at most, on average; none is known if that is not enough */
    static long[] of(Stretch code, int rounds) {
        ForwardFlow flow = new ForwardFlow(code);
        flow.begin();
        return flow.settle((long) rounds * code.count()) ? flow.begun : new long[code.count()];
    }

    private boolean settle(long steps) {
        int next = 0;
        for (long left = steps; left > 0; left--) {
            int index = due.nextSetBit(next);
            index = index < 0 ? due.nextSetBit(0) : index;
            if (index < 0) {
                return true;
            }
            due.clear(index);
            next = index;
            leave(index);
        }
        return due.isEmpty();
    }

    private void begin() {
        for (int i = code.starts.nextSetBit(0); i >= 0; i = code.starts.nextSetBit(i + 1)) {
            begun[i] = Begun.ENTRY;
            due.set(i);
        }
        for (int i = 0; code.whole && i < begun.length; i++) {
            if ((i == 0 || !code.goesOn(i - 1)) && !code.starts.get(i)) {
                int first = code.behindPadding(i);
                if (first < begun.length && looksLikeStart(first)) {
                    begun[first] = Begun.PERHAPS_ENTRY;
                    due.set(first);
                }
            }
        }
    }

    /** Nobody comes there, or not from the code around it, and it is aligned as functions are. */
    private boolean looksLikeStart(int index) {
        return !code.starts.get(index)
                && !code.targets.get(index)
                && (code.address() + code.position(index)) % ALIGNMENT == 0
                && makesFrame(index);
    }

    /** Whether one of the first instructions is one that functions begin with: parts of functions do not, though they may be aligned too. */
    private boolean makesFrame(int index) {
        for (int i = index; i < Math.min(index + PROLOGUE, code.count()); i++) {
            long effect = code.effect(i);
            boolean saves = Effect.kind(effect) == Kind.PUSH && (SAVED >>> Effect.register(effect) & 1) != 0;
            if (saves || Effect.kind(effect) == Kind.LANDING) {
                return true;
            }
            if (!code.goesOn(i)) {
                return false;
            }
        }
        return false;
    }

    private void leave(int index) {
        long behind = Forward.behind(code.effect(index), begun[index]);
        if (code.goesOn(index)) {
            reach(index + 1, behind);
        }
        reach(code.jumpsTo(index), behind);
    }

    private void reach(int index, long from) {
        if (index >= 0 && !code.starts.get(index)) {
            long met = Begun.meet(begun[index], from);
            if (met != begun[index]) {
                begun[index] = met;
                due.set(index);
            }
        }
    }
}
