package io.perfagent.unwind.x86_64.flow;

import io.perfagent.unwind.x86_64.flow.Decoder.Encoding;

/** Makes an {@link Effect} of the instruction that a {@link Decoder} has taken apart. */
final class Effects {
    private static final int REGISTER = 3;

    private final Decoder in;
    /** Position behind the instruction. */
    private int next;

    Effects(Decoder in) {
        this.in = in;
    }

    /** @param end position behind the instruction; that of a jump's target counts from the same */
    long effect(int end) {
        next = end;
        if (in.encoding != Encoding.LEGACY) {
            return other();
        }
        return switch (in.map) {
            case Decoder.MAP_ONE -> in.opcode >>> 4 == 5 ? pushOrPop() : one();
            case Decoder.MAP_TWO -> two();
            default -> other();
        };
    }

    private long one() {
        return switch (in.opcode) {
            case 0x68, 0x6a, 0x9c -> stack(Kind.PUSH_OTHER);
            case 0x9d -> stack(Kind.POP_OTHER);
            case 0x89 -> store();
            case 0x8b -> load();
            case 0x8d -> in.base == Decoder.NONE || !in.wide() ? other() : sum(in.reg, in.base, in.displacement);
            case 0x81, 0x83 -> addition();
            case 0x8f -> in.mod == REGISTER ? stack(Kind.POP, in.rm) : stack(Kind.POP_OTHER);
            case 0x90 -> in.opcodesRegister() == 0 && !in.repeat ? Effect.of(Kind.NOP, 0, 0, 0, 0) : other();
            case 0xc7 -> in.mod == REGISTER && in.rm == 0 && (in.reg & 7) == 7 ? go(Kind.BRANCH) : other();
            case 0xff -> groupFive();
            default -> in.opcode < 0xc0 && in.opcode >>> 4 != 7 ? other() : control();
        };
    }

    private long control() {
        return switch (in.opcode) {
            case 0xc2, 0xc3 -> Effect.of(Kind.RETURN, 0, 0, 0, 0);
            case 0xca, 0xcb, 0xcc, 0xcf, 0xf1, 0xf4 -> Effect.of(Kind.STOP, 0, 0, 0, 0);
            case 0xc8 -> changing(1 << Effect.RSP | 1 << Effect.RBP);
            case 0xc9 -> stack(Kind.LEAVE);
            case 0xe8 -> in.immediate == 0 ? stack(Kind.PUSH_OTHER) : go(Kind.CALL);
            case 0xe9, 0xeb -> go(Kind.JUMP);
            case 0xe0, 0xe1, 0xe2, 0xe3 -> go(Kind.BRANCH);
            default -> in.opcode >>> 4 == 7 ? go(Kind.BRANCH) : other();
        };
    }

    private long two() {
        return switch (in.opcode) {
            case 0x07, 0x0b, 0x34, 0x35, 0xb9, 0xff -> Effect.of(Kind.STOP, 0, 0, 0, 0);
            case 0x1e -> {
                boolean landing = in.repeat && in.mod == REGISTER && in.reg == 7 && in.rm == 2;
                yield landing ? Effect.of(Kind.LANDING, 0, 0, 0, 0) : other();
            }
            case 0x1f -> Effect.of(Kind.NOP, 0, 0, 0, 0);
            case 0xa0, 0xa8 -> stack(Kind.PUSH_OTHER);
            case 0xa1, 0xa9 -> stack(Kind.POP_OTHER);
            default -> in.opcode >>> 4 == 8 ? go(Kind.BRANCH) : other();
        };
    }

    private long pushOrPop() {
        return stack(in.opcode < 0x58 ? Kind.PUSH : Kind.POP, in.opcodesRegister());
    }

    private long groupFive() {
        return switch (in.reg & 7) {
            case 2 -> Effect.of(Kind.CALL_ANYTHING, 0, 0, 0, 0);
            case 3, 5 -> Effect.of(Kind.STOP, 0, 0, 0, 0);
            case 4 -> jump();
            case 6 -> in.mod == REGISTER ? stack(Kind.PUSH, in.rm) : stack(Kind.PUSH_OTHER);
            default -> other();
        };
    }

    private long jump() {
        if (in.absolute) {
            return Effect.of(Kind.JUMP_FUNCTION, 0, 0, 0, in.displacement);
        }
        return in.mod == REGISTER || in.base == Decoder.NONE
                ? Effect.of(Kind.JUMP_ANYWHERE, 0, 0, 0, 0)
                : Effect.of(Kind.JUMP_THROUGH, 0, in.base, 0, in.displacement);
    }

    private long store() {
        if (!in.wide()) {
            return other();
        }
        if (in.mod == REGISTER) {
            return sum(in.rm, in.reg, 0);
        }
        return in.base == Decoder.NONE ? other() : Effect.of(Kind.STORE, in.reg, in.base, 0, in.displacement);
    }

    private long load() {
        if (!in.wide()) {
            return other();
        }
        if (in.mod == REGISTER) {
            return sum(in.reg, in.rm, 0);
        }
        return in.base == Decoder.NONE ? other() : Effect.of(Kind.LOAD, in.reg, in.base, 0, in.displacement);
    }

    private long addition() {
        if (!in.wide() || in.mod != REGISTER) {
            return other();
        }
        return switch (in.reg & 7) {
            case 0 -> sum(in.rm, in.rm, in.immediate);
            case 5 -> sum(in.rm, in.rm, -in.immediate);
            default -> other();
        };
    }

    private static long sum(int register, int base, int value) {
        return Effect.of(Kind.SUM, register, base, 0, value);
    }

    private long go(Kind kind) {
        return Effect.of(kind, 0, 0, Changes.of(in), next + in.immediate);
    }

    private long stack(Kind kind) {
        return stack(kind, 0);
    }

    /** Half words on the stack are nothing that a compiler makes. */
    private long stack(Kind kind, int register) {
        return in.operand16() ? changing(1 << Effect.RSP | 1 << register) : Effect.of(kind, register, 0, 0, 0);
    }

    private long other() {
        return changing(Changes.of(in));
    }

    private static long changing(int mask) {
        return Effect.of(Kind.OTHER, 0, 0, mask, 0);
    }
}
