package io.perfagent.unwind.x86_64.flow;

/**
 * The jumps by which a function goes on in others, with no more on the stack than it was called with: whoever is called so returns for it. Or
 * with a frame of a size that is known, in which the others run.
 */
final class Tails {
    private static final int ROUNDS = 24;
    private static final long LARGEST_FUNCTION = 1 << 16;

    private final Reach reach;
    private final long[] begun;
    private final int frame;

    Tails(Reach reach, long function, int frame) {
        this.reach = reach;
        this.frame = frame;
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
            boolean inFrame = reach.stretch().kind(i) == Kind.JUMP_ANYWHERE && is(begun[i], frame);
            from = inFrame || is(begun[i], Caller.WORD_BYTES) ? Math.min(from, from(i, block, bytes)) : from;
        }
        return from < bytes ? from : CodeFlow.NOWHERE;
    }

    private static boolean is(long state, int bytes) {
        return Begun.knowsRsp(state) && Begun.rsp(state) == bytes;
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
