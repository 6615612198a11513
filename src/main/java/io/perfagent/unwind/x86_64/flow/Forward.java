package io.perfagent.unwind.x86_64.flow;

/** What is so behind an instruction, given what was so before it: the equations of {@link Kind} put into those of {@link Begun}. */
final class Forward {
    private Forward() {}

    static long behind(long effect, long before) {
        long begun = without(Effect.mask(effect), before);
        return switch (Effect.kind(effect)) {
            case OTHER, NOP, LANDING, CALL, BRANCH, JUMP, JUMP_FUNCTION, JUMP_ANYWHERE, JUMP_THROUGH, RETURN, STOP ->
                begun;
            case CALL_ANYTHING -> moved(begun, -Effect.value(effect));
            case PUSH -> stored(moved(begun, Caller.WORD_BYTES), Effect.RSP, 0, Effect.register(effect));
            case PUSH_OTHER -> moved(begun, Caller.WORD_BYTES);
            case POP -> popped(begun, Effect.register(effect));
            case POP_OTHER -> moved(begun, -Caller.WORD_BYTES);
            case STORE -> stored(begun, Effect.base(effect), Effect.value(effect), Effect.register(effect));
            case LOAD -> loaded(begun, Effect.register(effect), Effect.base(effect), Effect.value(effect));
            case SUM -> added(begun, Effect.register(effect), Effect.base(effect), Effect.value(effect));
            case LEAVE -> popped(added(begun, Effect.RSP, Effect.RBP, 0), Effect.RBP);
        };
    }

    private static long without(int mask, long begun) {
        long left = (mask >>> Effect.RSP & 1) == 0 ? begun : Begun.withoutRsp(begun);
        left = (mask >>> Effect.RBP & 1) == 0 ? left : overwritten(left, Effect.RBP, Caller.UNKNOWN);
        return (mask >>> Effect.RBX & 1) == 0 ? left : overwritten(left, Effect.RBX, Caller.UNKNOWN);
    }

    /** The stack has grown by some bytes. */
    private static long moved(long begun, int bytes) {
        return Begun.knowsRsp(begun) ? Begun.byRsp(begun, Begun.rsp(begun) + bytes) : begun;
    }

    /** {@code register = base + value}. */
    private static long added(long begun, int register, int base, int value) {
        boolean known = base == Effect.RSP ? Begun.knowsRsp(begun) : base == Effect.RBP && Begun.knowsRbp(begun);
        int offset = (base == Effect.RSP ? Begun.rsp(begun) : Begun.rbp(begun)) - value;
        if (register == Effect.RSP) {
            return known ? Begun.byRsp(begun, offset) : Begun.withoutRsp(begun);
        }
        if (register == base && value == 0) {
            return begun;
        }
        long left = overwritten(begun, register, Caller.UNKNOWN);
        return register == Effect.RBP && known ? Begun.byRbp(left, offset) : left;
    }

    /** {@code register = [base + value]}. */
    private static long loaded(long begun, int register, int base, int value) {
        return register == Effect.RSP
                ? Begun.withoutRsp(begun)
                : overwritten(begun, register, placeOf(begun, base, value));
    }

    private static long popped(long begun, int register) {
        long loaded = loaded(begun, register, Effect.RSP, 0);
        return register == Effect.RSP ? loaded : moved(loaded, -Caller.WORD_BYTES);
    }

    /** The caller's value is in the register again if it came from where it was saved, and nowhere but there if it was saved. */
    private static long overwritten(long begun, int register, int place) {
        int rbp = Begun.savedRbp(begun);
        int rbx = Begun.savedRbx(begun);
        return switch (register) {
            case Effect.RBP -> Begun.saved(Begun.withoutRbp(begun), overwritten(rbp, place), rbx);
            case Effect.RBX -> Begun.saved(begun, rbp, overwritten(rbx, place));
            default -> begun;
        };
    }

    private static int overwritten(int saved, int place) {
        if (saved > Caller.UNKNOWN) {
            return place == saved ? Caller.IN_REGISTER : saved;
        }
        return Caller.UNKNOWN;
    }

    /** {@code [base + value] = register}: the first time it saves what the caller has in it, later it may overwrite that. */
    private static long stored(long begun, int base, int value, int register) {
        int place = placeOf(begun, base, value);
        if (place == Caller.UNKNOWN) {
            return begun;
        }
        return Begun.saved(
                begun,
                stored(Begun.savedRbp(begun), place, register == Effect.RBP),
                stored(Begun.savedRbx(begun), place, register == Effect.RBX));
    }

    private static int stored(int saved, int place, boolean itself) {
        if (saved == Caller.IN_REGISTER && itself) {
            return place;
        }
        return saved == place ? Caller.UNKNOWN : saved;
    }

    private static int placeOf(long begun, int base, int value) {
        if (base == Effect.RSP && Begun.knowsRsp(begun)) {
            return Caller.savedAt(Begun.rsp(begun) - value);
        }
        return base == Effect.RBP && Begun.knowsRbp(begun) ? Caller.savedAt(Begun.rbp(begun) - value) : Caller.UNKNOWN;
    }
}
