package io.perfagent.unwind.x86_64.flow;

/**
 * What was so before an instruction, given what is so behind it: the equations of {@link Kind} put into those of {@link Caller}.
 *
 * <pre>
 *   behind   CFA = rsp + 24    rbp in the register       behind   CFA = rsp + 8
 *            pop %rbp                                              mov %rbx,%rsp
 *   before   CFA = rsp + 32    rbp at CFA − 32           before   CFA = rbx + 8
 * </pre>
 */
final class Backward {
    /** Registers that calls need not preserve. */
    private static final int CALLS =
            1 << Effect.RAX | 1 << Effect.RCX | 1 << Effect.RDX | 1 << Effect.RSI | 1 << Effect.RDI | 0xf << 8;

    private Backward() {}

    static long before(long effect, long behind) {
        if (!Caller.isKnown(behind)) {
            return behind;
        }
        long before = substituted(effect, behind);
        return Caller.isBelow(before) ? Caller.CONFLICT : before;
    }

    private static long substituted(long effect, long behind) {
        long caller = without(Effect.mask(effect), behind);
        return switch (Effect.kind(effect)) {
            case OTHER, NOP, LANDING, JUMP, JUMP_FUNCTION, JUMP_ANYWHERE, JUMP_THROUGH, BRANCH, RETURN, STOP -> caller;
            case CALL -> without(CALLS, caller);
            case CALL_ANYTHING -> without(CALLS, moved(caller, Effect.value(effect)));
            case PUSH ->
                stored(moved(caller, -Caller.WORD_BYTES), Effect.RSP, -Caller.WORD_BYTES, Effect.register(effect));
            case PUSH_OTHER -> stored(moved(caller, -Caller.WORD_BYTES), Effect.RSP, -Caller.WORD_BYTES, -1);
            case POP -> popped(caller, Effect.register(effect));
            case POP_OTHER -> moved(caller, Caller.WORD_BYTES);
            case STORE -> stored(caller, Effect.base(effect), Effect.value(effect), Effect.register(effect));
            case LOAD -> loaded(caller, Effect.register(effect), Effect.base(effect), Effect.value(effect));
            case SUM -> added(caller, Effect.register(effect), Effect.base(effect), Effect.value(effect));
            case LEAVE -> added(popped(caller, Effect.RBP), Effect.RSP, Effect.RBP, 0);
        };
    }

    /** Some registers got values that nobody knows where from. */
    private static long without(int mask, long caller) {
        if (mask == 0 || !Caller.isKnown(caller)) {
            return caller;
        }
        if ((mask >>> Caller.register(caller) & 1) != 0) {
            return Caller.NOTHING;
        }
        return Caller.saved(
                caller, without(mask, Effect.RBP, Caller.rbp(caller)), without(mask, Effect.RBX, Caller.rbx(caller)));
    }

    private static int without(int mask, int register, int place) {
        return (place == Caller.IN_REGISTER && (mask >>> register & 1) != 0) ? Caller.UNKNOWN : place;
    }

    /** {@code rsp += bytes}. */
    private static long moved(long caller, int bytes) {
        return Caller.isKnown(caller) && Caller.register(caller) == Effect.RSP
                ? shifted(caller, Effect.RSP, bytes)
                : caller;
    }

    private static long shifted(long caller, int register, int bytes) {
        int offset = Caller.offset(caller) + bytes;
        int rbp = Caller.rbp(caller);
        int rbx = Caller.rbx(caller);
        return Caller.form(caller) == Caller.SUM
                ? Caller.sum(register, offset, rbp, rbx)
                : Caller.word(register, offset, Caller.addend(caller), rbp, rbx);
    }

    /** {@code register = base + value}. */
    private static long added(long caller, int register, int base, int value) {
        if (!Caller.isKnown(caller)) {
            return caller;
        }
        long before = Caller.register(caller) == register ? shifted(caller, base, value) : caller;
        return register == base && value == 0 ? before : overwritten(before, register, Caller.UNKNOWN);
    }

    /** {@code register = [base + value]}. */
    private static long loaded(long caller, int register, int base, int value) {
        if (!Caller.isKnown(caller)) {
            return caller;
        }
        long before = caller;
        if (Caller.register(caller) == register) {
            before = Caller.form(caller) == Caller.SUM
                    ? Caller.word(base, value, Caller.offset(caller), Caller.rbp(caller), Caller.rbx(caller))
                    : Caller.NOTHING;
        }
        return overwritten(before, register, placeOf(before, base, value));
    }

    /** {@code register = [rsp]; rsp += 8}. */
    private static long popped(long caller, int register) {
        if (register == Effect.RSP) {
            return loaded(caller, Effect.RSP, Effect.RSP, 0);
        }
        return loaded(moved(caller, Caller.WORD_BYTES), register, Effect.RSP, 0);
    }

    /** The caller's rbp or rbx was elsewhere before it came into its register. */
    private static long overwritten(long caller, int register, int place) {
        if (!Caller.isKnown(caller)) {
            return caller;
        }
        int rbp = Caller.rbp(caller);
        int rbx = Caller.rbx(caller);
        return Caller.saved(
                caller,
                register == Effect.RBP && rbp == Caller.IN_REGISTER ? place : rbp,
                register == Effect.RBX && rbx == Caller.IN_REGISTER ? place : rbx);
    }

    /** {@code [base + value] = register}; −1: something. */
    private static long stored(long caller, int base, int value, int register) {
        if (!Caller.isKnown(caller)) {
            return caller;
        }
        boolean word =
                Caller.form(caller) == Caller.WORD && Caller.register(caller) == base && Caller.offset(caller) == value;
        if (word) {
            return register < 0
                    ? Caller.NOTHING
                    : Caller.sum(register, Caller.addend(caller), Caller.rbp(caller), Caller.rbx(caller));
        }
        return Caller.form(caller) == Caller.SUM && Caller.register(caller) == base
                ? written(caller, Caller.offset(caller) - value, register)
                : perhapsSaved(caller, register);
    }

    /** The register went somewhere: where the frame keeps it, or anywhere. */
    private static long perhapsSaved(long caller, int register) {
        return Caller.saved(
                caller,
                register == Effect.RBP ? perhaps(Caller.rbp(caller)) : Caller.rbp(caller),
                register == Effect.RBX ? perhaps(Caller.rbx(caller)) : Caller.rbx(caller));
    }

    private static int perhaps(int saved) {
        return saved == Caller.IN_REGISTER ? Caller.IN_REGISTER : Caller.UNKNOWN;
    }

    /** A word so many bytes below the CFA was written; nobody writes the return address. */
    private static long written(long caller, int bytes, int register) {
        if (bytes == Caller.WORD_BYTES) {
            return Caller.NOTHING;
        }
        int place = Caller.savedAt(bytes);
        return Caller.saved(
                caller,
                written(Caller.rbp(caller), place, register == Effect.RBP),
                written(Caller.rbx(caller), place, register == Effect.RBX));
    }

    private static int written(int saved, int place, boolean itself) {
        if (saved != place || place == Caller.UNKNOWN) {
            return saved;
        }
        return itself ? Caller.IN_REGISTER : Caller.UNKNOWN;
    }

    private static int placeOf(long caller, int base, int value) {
        return Caller.form(caller) == Caller.SUM && Caller.register(caller) == base
                ? Caller.savedAt(Caller.offset(caller) - value)
                : Caller.UNKNOWN;
    }
}
