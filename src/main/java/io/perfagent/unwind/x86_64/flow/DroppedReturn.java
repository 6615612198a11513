package io.perfagent.unwind.x86_64.flow;

/**
 * Where code that has been called takes its return address off the stack and goes on in its caller's frame, as a routine of PyPy's does that has
 * got no memory:
 *
 * <pre>
 *      test %rax,%rax
 *      je   1f              the word at rsp is the return address: so says the way to ret
 *      …                    nothing is called here, so ret is reached
 *      ret
 *   1: add  $8,%rsp         that word is dropped: what follows is the caller's frame
 *      jmp  …
 * </pre>
 *
 * What is so behind 1 says nothing of the frame before the branch, and does not contradict it.
 */
final class DroppedReturn {
    /** Instructions from the branch up to {@code ret}. */
    private static final int MOST = 128;

    private DroppedReturn() {}

    /** Whether a branch leads there, given the index of the instruction that it leads to. */
    static boolean isBehind(Stretch code, int branch, int target) {
        if (target < 0 || code.kind(branch) != Kind.BRANCH || !code.goesOn(branch)) {
            return false;
        }
        int dropped = added(code.effect(target));
        return dropped >= Caller.WORD_BYTES && returnsThrough(code, branch + 1, dropped - Caller.WORD_BYTES);
    }

    /** Whether code runs up to its {@code ret} without a call or a jump that it has to take, and returns there through the word so far above rsp. */
    private static boolean returnsThrough(Stretch code, int from, int above) {
        int left = above;
        int at = from;
        while (at < from + MOST && moves(code.effect(at)) && code.goesOn(at)) {
            left -= moved(code.effect(at));
            at++;
        }
        return code.kind(at) == Kind.RETURN && left == 0;
    }

    /** Whether it is known by how many bytes an instruction moves rsp. */
    private static boolean moves(long effect) {
        boolean otherwise = (Effect.mask(effect) >>> Effect.RSP & 1) != 0;
        return !otherwise
                && switch (Effect.kind(effect)) {
                    case OTHER, NOP, STORE, PUSH, PUSH_OTHER, POP_OTHER, BRANCH -> true;
                    case POP, LOAD -> Effect.register(effect) != Effect.RSP;
                    case SUM -> Effect.register(effect) != Effect.RSP || Effect.base(effect) == Effect.RSP;
                    case LANDING,
                            LEAVE,
                            JUMP,
                            JUMP_FUNCTION,
                            JUMP_ANYWHERE,
                            JUMP_THROUGH,
                            CALL,
                            CALL_ANYTHING,
                            RETURN,
                            STOP -> false;
                };
    }

    private static int moved(long effect) {
        return switch (Effect.kind(effect)) {
            case PUSH, PUSH_OTHER -> -Caller.WORD_BYTES;
            case POP, POP_OTHER -> Caller.WORD_BYTES;
            default -> added(effect);
        };
    }

    /** Bytes that are added to rsp, if nothing else is done. */
    private static int added(long effect) {
        boolean toItself = Effect.register(effect) == Effect.RSP && Effect.base(effect) == Effect.RSP;
        return Effect.kind(effect) == Kind.SUM && toItself ? Effect.value(effect) : 0;
    }
}
