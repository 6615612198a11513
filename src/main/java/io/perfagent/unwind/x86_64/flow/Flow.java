package io.perfagent.unwind.x86_64.flow;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Follows the instructions of a {@link Stretch} backwards from where they return, until nothing changes: for each of them, where the parts of
 * its frame are. What only leads to where nobody returns is told by the way from where its function begins ({@link ForwardFlow}). What only ends in code that is not known, in an instruction that nothing follows or behind a call that may not return adds
 * nothing. Where two ways contradict each other, one of them is not what it seems, so nothing is said of all that is connected with them.
 */
final class Flow {
    /** So often each instruction is looked at, at most, on average: loops within loops need one look each, and one more. */
    private static final int MAX_ROUNDS = 24;

    private final Stretch code;
    private final long[] callers;
    private final long[] begun;
    private final BitSet doubtful = new BitSet();
    private final BitSet unlikely = new BitSet();

    private Flow(Stretch code) {
        this.code = code;
        this.callers = new long[code.count()];
        this.begun = ForwardFlow.of(code, MAX_ROUNDS);
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

    /** Looks at each instruction again whenever what is behind it has changed. */
    private boolean settle() {
        BitSet due = new BitSet(callers.length);
        due.set(0, callers.length);
        int last = callers.length - 1;
        for (long steps = (long) MAX_ROUNDS * callers.length; steps > 0; steps--) {
            int index = due.previousSetBit(last);
            index = index < 0 ? due.previousSetBit(callers.length - 1) : index;
            if (index < 0) {
                return true;
            }
            due.clear(index);
            last = index;
            long before = before(index);
            if (before != callers[index]) {
                callers[index] = before;
                due(index, due);
            }
        }
        return due.isEmpty();
    }

    private void due(int behind, BitSet due) {
        if (behind > 0 && code.goesOn(behind - 1)) {
            due.set(behind - 1);
        }
        for (int jump = code.lastJumpTo(behind); jump >= 0; jump = code.earlierJump(jump)) {
            due.set(jump);
        }
    }

    private long before(int index) {
        long effect = code.effect(index);
        return switch (Effect.kind(effect)) {
            case RETURN -> code.departure.atReturn();
            case STOP -> Caller.NOTHING;
            case JUMP_FUNCTION -> code.departure.toFunction();
            case JUMP_ANYWHERE -> code.departure.elsewhere();
            case JUMP_THROUGH -> code.departure.of(effect);
            case JUMP -> Backward.before(effect, at(Effect.value(effect)));
            case BRANCH -> Backward.before(effect, Caller.meet(at(Effect.value(effect)), behind(index)));
            case OTHER, NOP, LANDING, PUSH, PUSH_OTHER, POP, POP_OTHER, STORE, LOAD, SUM, LEAVE, CALL, CALL_ANYTHING ->
                Backward.before(effect, behind(index));
        };
    }

    private long at(int target) {
        return switch (target) {
            case Stretch.FUNCTION -> code.departure.toFunction();
            case Stretch.NOWHERE -> code.departure.elsewhere();
            default -> (callers[target] == Caller.NOTHING && code.starts.get(target)) ? Caller.ENTRY : callers[target];
        };
    }

    private long behind(int index) {
        return code.goesOn(index) ? callers[index + 1] : Caller.NOTHING;
    }

    /** Says nothing of what hangs together with a contradiction; where a function begins only perhaps, it does not begin there. */
    private void withdraw() {
        for (int i = 0; i < callers.length; i++) {
            boolean contradicted = contradicts(callers[i], begun[i]);
            boolean noStart = begun[i] == Begun.PERHAPS_ENTRY && !mayStart(callers[i]);
            unlikely.set(i, noStart || (contradicted && Begun.isPerhaps(begun[i])));
            doubtful.set(
                    i,
                    Caller.form(callers[i]) == Caller.CONFLICT_FORM
                            || (contradicted && !Begun.isPerhaps(begun[i]))
                            || (code.starts.get(i) && !mayStart(callers[i])));
        }
        spread(doubtful);
        spread(unlikely);
        for (int i = 0; i < callers.length; i++) {
            long known = unlikely.get(i) ? Caller.NOTHING : Begun.caller(begun[i]);
            boolean perhaps = Begun.isPerhaps(begun[i]) && Caller.isKnown(callers[i]);
            long completed = perhaps ? callers[i] : Caller.completed(callers[i], known);
            callers[i] =
                    doubtful.get(i) || Caller.isBelow(completed) ? Caller.NOTHING : code.departure.known(completed);
        }
    }

    private static boolean contradicts(long caller, long begun) {
        if (Caller.form(caller) != Caller.SUM) {
            return false;
        }
        return switch (Caller.register(caller)) {
            case Effect.RSP -> Begun.knowsRsp(begun) && Begun.rsp(begun) != Caller.offset(caller);
            case Effect.RBP -> Begun.knowsRbp(begun) && Begun.rbp(begun) != Caller.offset(caller);
            default -> false;
        };
    }

    /** To all that is connected with some instructions: where a function begins, others are not connected with it. */
    private void spread(BitSet some) {
        BitSet due = (BitSet) some.clone();
        for (int index = due.nextSetBit(0); index >= 0; index = due.nextSetBit(0)) {
            due.clear(index);
            if (code.goesOn(index)) {
                join(index + 1, some, due);
            }
            if (index > 0 && code.goesOn(index - 1)) {
                join(index - 1, some, due);
            }
            int target = code.jumpsTo(index);
            if (target >= 0 && !code.starts.get(target)) {
                join(target, some, due);
            }
            int jump = code.starts.get(index) ? Stretch.NOWHERE : code.lastJumpTo(index);
            for (; jump >= 0; jump = code.earlierJump(jump)) {
                join(jump, some, due);
            }
        }
    }

    private static void join(int index, BitSet some, BitSet due) {
        if (!some.get(index)) {
            some.set(index);
            due.set(index);
        }
    }

    private static boolean mayStart(long caller) {
        boolean unchanged = Caller.rbp(caller) <= Caller.UNKNOWN && Caller.rbx(caller) <= Caller.UNKNOWN;
        return caller == Caller.NOTHING
                || (unchanged && Caller.saved(caller, Caller.IN_REGISTER, Caller.IN_REGISTER) == Caller.ENTRY);
    }
}
