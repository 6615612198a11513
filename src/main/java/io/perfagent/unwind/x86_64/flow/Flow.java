package io.perfagent.unwind.x86_64.flow;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Follows the instructions of a {@link Stretch} backwards from where they return, until nothing changes: for each of them, where the parts of
 * its frame are. What only ends in code that is not known, in an instruction that nothing follows or behind a call that may not return adds
 * nothing. Where two ways contradict each other, one of them is not what it seems, so nothing is said of all that is connected with them.
 */
final class Flow {
    /** Loops within loops need one each, and one more. */
    private static final int MAX_ROUNDS = 24;

    private final Stretch code;
    private final long[] callers;
    private final BitSet doubtful = new BitSet();

    private Flow(Stretch code) {
        this.code = code;
        this.callers = new long[code.count()];
    }

    /** A {@link Caller} for each instruction. */
    static long[] of(Stretch code) {
        Flow flow = new Flow(code);
        if (!flow.settle()) {
            Arrays.fill(flow.callers, Caller.NOTHING);
        }
        flow.withdraw();
        return flow.callers;
    }

    private boolean settle() {
        for (int round = 0; round < MAX_ROUNDS; round++) {
            if (!pass()) {
                return true;
            }
        }
        return false;
    }

    private boolean pass() {
        boolean changed = false;
        for (int i = code.count() - 1; i >= 0; i--) {
            long before = before(i);
            changed |= before != callers[i];
            callers[i] = before;
        }
        return changed;
    }

    private long before(int index) {
        long effect = code.effect(index);
        return switch (Effect.kind(effect)) {
            case RETURN, JUMP_FUNCTION -> Caller.ENTRY;
            case JUMP_ANYWHERE, STOP -> Caller.NOTHING;
            case JUMP -> Backward.before(effect, at(Effect.value(effect)));
            case BRANCH -> Backward.before(effect, Caller.meet(at(Effect.value(effect)), behind(index)));
            case OTHER, NOP, LANDING, PUSH, PUSH_OTHER, POP, POP_OTHER, STORE, LOAD, SUM, LEAVE, CALL, CALL_ANYTHING ->
                Backward.before(effect, behind(index));
        };
    }

    private long at(int target) {
        return switch (target) {
            case Stretch.FUNCTION -> Caller.ENTRY;
            case Stretch.NOWHERE -> Caller.NOTHING;
            default -> (callers[target] == Caller.NOTHING && code.starts.get(target)) ? Caller.ENTRY : callers[target];
        };
    }

    private long behind(int index) {
        return code.goesOn(index) ? callers[index + 1] : Caller.NOTHING;
    }

    /** Says nothing of what hangs together with a contradiction. */
    private void withdraw() {
        for (int i = 0; i < callers.length; i++) {
            boolean contradicted =
                    Caller.form(callers[i]) == Caller.CONFLICT_FORM || (code.starts.get(i) && !mayStart(callers[i]));
            doubtful.set(i, contradicted);
        }
        for (int round = 0; spread(); round++) {
            if (round == MAX_ROUNDS) {
                doubtful.set(0, callers.length);
            }
        }
        for (int i = doubtful.nextSetBit(0); i >= 0; i = doubtful.nextSetBit(i + 1)) {
            callers[i] = Caller.NOTHING;
        }
    }

    private static boolean mayStart(long caller) {
        boolean unchanged = Caller.rbp(caller) <= Caller.UNKNOWN && Caller.rbx(caller) <= Caller.UNKNOWN;
        return caller == Caller.NOTHING
                || (unchanged && Caller.saved(caller, Caller.IN_REGISTER, Caller.IN_REGISTER) == Caller.ENTRY);
    }

    private boolean spread() {
        int before = doubtful.cardinality();
        for (int i = 0; i < callers.length; i++) {
            join(i);
        }
        for (int i = callers.length - 1; i >= 0; i--) {
            join(i);
        }
        return doubtful.cardinality() > before;
    }

    private void join(int index) {
        if (code.goesOn(index)) {
            join(index, index + 1);
        }
        Kind kind = code.kind(index);
        int target = kind == Kind.JUMP || kind == Kind.BRANCH ? Effect.value(code.effect(index)) : Stretch.NOWHERE;
        if (target >= 0 && !code.starts.get(target)) {
            join(index, target);
        }
    }

    private void join(int a, int b) {
        if (doubtful.get(a) || doubtful.get(b)) {
            doubtful.set(a);
            doubtful.set(b);
        }
    }
}
