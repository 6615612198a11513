package io.perfagent.unwind.x86_64.flow;

/**
 * Where the stack pointer is in a trace of LuaJIT: moved once where the trace begins and once where it ends, if at all, by as much as the
 * trace's description says.
 *
 * <pre>
 *   root      add $-64,%rsp  …  jcc to a side trace, or out  …  add $64,%rsp; jmp to another trace, or to the interpreter
 *   side      add $-16,%rsp  …                               …  add $80,%rsp; jmp
 * </pre>
 *
 * Code of which that is not so is none of a trace that is known.
 */
public final class TraceCode {
    private static final int NEVER = -1;

    private final int[] positions;
    private int count;
    private int entered = NEVER;
    private int left = NEVER;
    private int taken;
    private int given;

    private TraceCode(int most) {
        this.positions = new int[most];
    }

    /** Takes instructions in their order. */
    @FunctionalInterface
    public interface Places {
        /** @param bytes that the stack pointer is below where it is in front of traces */
        void at(int position, int bytes);
    }

    /**
     * Goes through all instructions of a trace.
     *
     * @param spill bytes of the stack that the trace takes, with what its parent has taken
     * @param root whether it has none
     * @return false where the code is not that of such a trace; then nothing has been said
     */
    public static boolean follow(byte[] code, int spill, boolean root, Places places) {
        TraceCode trace = new TraceCode(code.length);
        int before = trace.read(code) ? trace.before(spill, root) : NEVER;
        if (before < 0) {
            return false;
        }
        for (int i = 0; i < trace.count; i++) {
            boolean first = i <= trace.entered;
            boolean last = trace.left != NEVER && i > trace.left;
            places.at(trace.positions[i], first ? before : last ? 0 : spill);
        }
        return true;
    }

    /** How far it is moved in front of the instruction that moves it first; negative where it is not moved as it should be. */
    private int before(int spill, boolean root) {
        boolean allBack = left == NEVER || given == spill;
        boolean all = !root || taken == spill;
        return allBack && all ? spill - taken : NEVER;
    }

    private boolean read(byte[] code) {
        Decoder decoder = new Decoder(code, code.length);
        for (int at = 0; at < code.length; ) {
            int length = decoder.decode(at);
            if (length < 0 || !note(new Effects(decoder).effect(at + length))) {
                return false;
            }
            positions[count++] = at;
            at += length;
        }
        return true;
    }

    private boolean note(long effect) {
        return switch (Effect.kind(effect)) {
            case SUM -> Effect.register(effect) == Effect.RSP ? moved(effect) : left == NEVER;
            case LOAD -> left == NEVER && Effect.register(effect) != Effect.RSP;
            case OTHER, STORE, BRANCH, CALL, CALL_ANYTHING ->
                left == NEVER && (Effect.mask(effect) >>> Effect.RSP & 1) == 0;
            case JUMP, JUMP_FUNCTION, NOP -> true;
            case PUSH, PUSH_OTHER, POP, POP_OTHER, LEAVE, RETURN, JUMP_THROUGH, JUMP_ANYWHERE, STOP, LANDING -> false;
        };
    }

    private boolean moved(long effect) {
        int value = Effect.value(effect);
        if (Effect.base(effect) != Effect.RSP || left != NEVER) {
            return false;
        }
        if (value > 0) {
            left = count;
            given = value;
            return true;
        }
        boolean once = entered == NEVER;
        entered = count;
        taken = -value;
        return once;
    }
}
