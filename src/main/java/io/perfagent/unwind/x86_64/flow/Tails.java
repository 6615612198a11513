package io.perfagent.unwind.x86_64.flow;

/** The jumps by which a function goes on in others, with no more on the stack than it was called with: whoever is called so returns for it. */
final class Tails {
    private static final int ROUNDS = 24;
    private static final long LARGEST_FUNCTION = 1 << 16;

    private final Reach reach;
    private final long[] begun;

    Tails(Reach reach, long function) {
        this.reach = reach;
        int first = reach.indexOf(function);
        if (first >= 0) {
            reach.stretch().starts.set(first);
        }
        this.begun = ForwardFlow.of(reach.stretch(), ROUNDS);
    }

    /** From which byte of a block on one leads there, to a function that begins in it or not far before it, or to where its instruction does not tell. */
    int leadInto(long block, int bytes) {
        int from = bytes;
        for (int i = 0; i < begun.length; i++) {
            from = hasReturnAddressOnTop(begun[i]) ? Math.min(from, from(i, block, bytes)) : from;
        }
        return from < bytes ? from : CodeFlow.NOWHERE;
    }

    private static boolean hasReturnAddressOnTop(long state) {
        return Begun.knowsRsp(state) && Begun.rsp(state) == Caller.WORD_BYTES;
    }

    private int from(int index, long block, int bytes) {
        return switch (reach.stretch().kind(index)) {
            case JUMP_ANYWHERE, JUMP_THROUGH -> 0;
            case JUMP, BRANCH -> {
                int target = reach.stretch().jumpsTo(index);
                yield target < 0 ? bytes : from(reach.address(target) - block, bytes);
            }
            case OTHER,
                    NOP,
                    LANDING,
                    PUSH,
                    PUSH_OTHER,
                    POP,
                    POP_OTHER,
                    STORE,
                    LOAD,
                    SUM,
                    LEAVE,
                    JUMP_FUNCTION,
                    CALL,
                    CALL_ANYTHING,
                    RETURN,
                    STOP -> bytes;
        };
    }

    private static int from(long position, int bytes) {
        return position < -LARGEST_FUNCTION || position >= bytes ? bytes : (int) Math.max(0, position);
    }
}
