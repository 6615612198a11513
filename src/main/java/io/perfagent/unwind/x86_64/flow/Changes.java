package io.perfagent.unwind.x86_64.flow;

import io.perfagent.unwind.x86_64.flow.Decoder.Encoding;

/**
 * Says what the instruction that a {@link Decoder} has taken apart does to general registers. Where that is not known, it is said to change
 * all that it names. The characters of {@link OpcodeMap}:
 *
 * <pre>
 *   x  reg and rm      X  rax and the opcode's     R  rax and rm     a d q k i c  rax · rax rdx · rax rbx rcx rdx · rax rcx r11 · those of
 *   1  rm but of cmp   2  rm of the first two      8  rm but of bt                string operations · rcx
 *   3  group 3: rm of not and neg, rax and rdx of mul and div        9  group 9: rax, rdx and rm
 *   h  group 7: rm of smsw, rax rbx rcx rdx      s  rm of rdssp      w  rm of movd but where it loads      y  rm of rdfsbase
 * </pre>
 */
final class Changes {
    private static final int A = 1 << Effect.RAX;
    private static final int D = A | 1 << Effect.RDX;
    private static final int Q = D | 1 << Effect.RBX | 1 << Effect.RCX;
    private static final int K = A | 1 << Effect.RCX | 1 << Effect.R11;
    private static final int I = A | 1 << Effect.RCX | 1 << Effect.RSI | 1 << Effect.RDI;
    private static final int LAST_OF_BYTES = 3;

    private Changes() {}

    /** A mask of registers. */
    static int of(Decoder in) {
        return switch (in.encoding) {
            case LEGACY -> legacy(in);
            case VEX -> vex(in);
            case EVEX -> evex(in);
            case XOP -> rm(in) | 1 << in.reg | 1 << in.extra;
        };
    }

    private static int legacy(Decoder in) {
        return switch (in.map) {
            case Decoder.MAP_ONE -> change(OpcodeMap.ONE.change(in.opcode), in);
            case Decoder.MAP_TWO -> change(OpcodeMap.TWO.change(in.opcode), in);
            case Decoder.MAP_38 -> change38(in);
            default -> change3a(in);
        };
    }

    private static int change(char change, Decoder in) {
        return switch (change) {
            case 'g' -> reg(in);
            case 'r' -> rm(in);
            case 'x' -> reg(in) | rm(in);
            case 'o' -> opcodes(in);
            case 'X' -> A | opcodes(in);
            case 'R' -> A | rm(in);
            case 'a' -> A;
            case 'd' -> D;
            case 'q' -> Q;
            case 'k' -> K;
            case 'i' -> I;
            case 'c' -> 1 << Effect.RCX;
            default -> group(change, in.reg & 7, in);
        };
    }

    private static int group(char change, int member, Decoder in) {
        return switch (change) {
            case '1' -> member == 7 ? 0 : rm(in);
            case '2' -> member > 1 ? 0 : rm(in);
            case '3' -> member < 2 ? 0 : member < 4 ? rm(in) : D;
            case '8' -> member == 4 ? 0 : rm(in);
            case '9' -> D | rm(in);
            case 'h' -> member == 4 ? rm(in) : in.mod == 3 ? Q : 0;
            case 's' -> in.repeat && member == 1 ? rm(in) : 0;
            case 'w' -> in.repeat ? 0 : rm(in);
            case 'y' -> in.repeat ? rm(in) : 0;
            default -> 0;
        };
    }

    private static int change38(Decoder in) {
        return switch (in.opcode) {
            case 0xf0, 0xf6 -> reg(in);
            case 0xf1 -> in.repeatNot ? reg(in) : 0;
            default -> 0;
        };
    }

    private static int change3a(Decoder in) {
        return switch (in.opcode) {
            case 0x14, 0x15, 0x16, 0x17 -> rm(in);
            case 0x61, 0x63 -> 1 << Effect.RCX;
            default -> 0;
        };
    }

    private static int vex(Decoder in) {
        return switch (in.map) {
            case Decoder.MAP_TWO ->
                switch (in.opcode) {
                    case 0x2c, 0x2d, 0x50, 0x93, 0xc5, 0xd7 -> 1 << in.reg;
                    case 0x7e -> in.repeat ? 0 : rm(in);
                    default -> 0;
                };
            case Decoder.MAP_38 ->
                switch (in.opcode) {
                    case 0xf3 -> 1 << in.extra;
                    case 0xf6 -> 1 << in.extra | 1 << in.reg;
                    case 0xf2, 0xf5, 0xf7 -> 1 << in.reg;
                    default -> in.opcode >>> 4 == 0xe ? 1 << in.reg : 0;
                };
            default -> in.opcode == 0xf0 ? 1 << in.reg : change3a(in);
        };
    }

    private static int evex(Decoder in) {
        return switch (in.opcode) {
            case 0x2c, 0x2d, 0x78, 0x79, 0xc5 -> in.map == Decoder.MAP_38 || in.map == Decoder.MAP_3A ? 0 : 1 << in.reg;
            case 0x7e -> in.repeat || in.map == Decoder.MAP_38 || in.map == Decoder.MAP_3A ? 0 : rm(in);
            default -> in.map == Decoder.MAP_3A ? change3a(in) : 0;
        };
    }

    private static int opcodes(Decoder in) {
        boolean isByte = in.map == Decoder.MAP_ONE && in.opcode >>> 3 == 0xb0 >>> 3;
        return 1 << register(in.opcodesRegister(), isByte, in);
    }

    private static int reg(Decoder in) {
        return 1 << register(in.reg, isByte(in), in);
    }

    private static int rm(Decoder in) {
        return in.mod == 3 ? 1 << register(in.rm, in.encoding == Encoding.LEGACY && isByte(in), in) : 0;
    }

    /** Without REX the bytes 4 to 7 are the second ones of registers 0 to 3. */
    private static int register(int number, boolean isByte, Decoder in) {
        return (isByte && !in.hasRex()) ? number & LAST_OF_BYTES : number;
    }

    private static boolean isByte(Decoder in) {
        return switch (in.map) {
            case Decoder.MAP_ONE -> (in.opcode & 1) == 0 && in.opcode != 0x8c;
            case Decoder.MAP_TWO -> in.opcode >>> 4 == 9 || in.opcode == 0xb0 || in.opcode == 0xc0;
            default -> false;
        };
    }
}
