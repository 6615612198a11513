package io.perfagent.unwind.x86_64.flow;

/**
 * Takes instructions of x86-64 apart, one at a time and without an object for each: how long it is, and what {@link Changes} needs to say
 * what it does (Intel SDM 2, chapter 2).
 *
 * <pre>
 *   prefixes │ REX                 │ opcode │ ModRM │ SIB │ displacement │ immediate
 *            │ VEX, EVEX, XOP: map │        │
 * </pre>
 */
final class Decoder {
    /** What bytes that are no instruction decode to. */
    static final int NONE = -1;

    static final int MAX_BYTES = 15;

    /** Not those of the encoding: {@link #map}. */
    static final int MAP_ONE = 0;

    static final int MAP_TWO = 1;
    static final int MAP_38 = 2;
    static final int MAP_3A = 3;

    private static final int W = 8;
    private static final int R = 4;
    private static final int X = 2;
    private static final int B = 1;

    private static final int EVEX_MAP_5 = 5;
    private static final int EVEX_MAP_6 = 6;
    private static final int XOP_MAP_8 = 8;
    private static final int XOP_MAP_9 = 9;
    private static final int XOP_MAP_A = 10;

    private final byte[] code;
    private final int end;

    /** Where the next byte of the instruction is. */
    private int at;

    private boolean operand16;
    private boolean address32;
    private boolean segment;
    private int rex;

    boolean repeat;
    boolean repeatNot;
    Encoding encoding = Encoding.LEGACY;
    int map;
    int opcode;
    /** The register that VEX and its like name. */
    int extra;
    /** 3: {@link #rm} is a register. */
    int mod;

    /** With the bit of REX. */
    int reg;

    int rm;
    /** Register of the memory operand, {@link #NONE} where that has none or an index too. */
    int base;
    /** Whether the memory operand is at an address of the file. */
    boolean absolute;

    int displacement;
    int immediate;

    /** Ways to begin an instruction. */
    enum Encoding {
        LEGACY,
        VEX,
        EVEX,
        XOP
    }

    /** @param end no byte from there on is looked at */
    Decoder(byte[] code, int end) {
        this.code = code;
        this.end = end;
    }

    /** Bytes of the instruction at a position; {@link #NONE} where there is none. */
    int decode(int from) {
        begin(from);
        boolean known = prefixes() && operation();
        int length = at - from;
        return known && length <= MAX_BYTES && at <= end ? length : NONE;
    }

    boolean wide() {
        return (rex & W) != 0;
    }

    boolean hasRex() {
        return rex != 0;
    }

    boolean operand16() {
        return operand16;
    }

    /** The register that the opcode's lowest bits name. */
    int opcodesRegister() {
        return (opcode & 7) | (rex & B) << 3;
    }

    private void begin(int from) {
        at = from;
        operand16 = false;
        address32 = false;
        segment = false;
        repeat = false;
        repeatNot = false;
        rex = 0;
        encoding = Encoding.LEGACY;
        map = MAP_ONE;
        extra = 0;
        mod = 0;
        reg = 0;
        rm = 0;
        base = NONE;
        absolute = false;
        displacement = 0;
        immediate = 0;
    }

    /** Reads up to the opcode; REX counts right before it only. */
    private boolean prefixes() {
        for (int limit = at + MAX_BYTES; at < limit; ) {
            opcode = u8();
            if (OpcodeMap.ONE.shape(opcode) != 'p') {
                return true;
            }
            rex = opcode >>> 4 == 4 ? 0x40 | opcode : 0;
            operand16 |= opcode == 0x66;
            address32 |= opcode == 0x67;
            segment |= opcode == 0x64 || opcode == 0x65;
            repeatNot |= opcode == 0xf2;
            repeat |= opcode == 0xf3;
        }
        return false;
    }

    private boolean operation() {
        char shape = OpcodeMap.ONE.shape(opcode);
        return switch (shape) {
            case 'e' -> twoByte();
            case 'V' -> vector();
            case 'X' -> pop();
            default -> operands(shape);
        };
    }

    private boolean twoByte() {
        map = MAP_TWO;
        opcode = u8();
        char shape = OpcodeMap.TWO.shape(opcode);
        if (shape == 'e') {
            map = opcode == 0x38 ? MAP_38 : MAP_3A;
            opcode = u8();
            return operands(map == MAP_38 ? 'm' : 'M');
        }
        if (opcode >>> 2 == 0x20 >>> 2) {
            return controlRegister();
        }
        boolean sse4a = opcode == 0x78 && (operand16 || repeatNot);
        return operands(shape) && (!sse4a || skip(2));
    }

    /** Moves from and to control registers have no memory operand, whatever ModRM says. */
    private boolean controlRegister() {
        modRm(u8() | 0xc0);
        return true;
    }

    /** 8f with a register field of 0 is pop, else it begins XOP. */
    private boolean pop() {
        if ((peek() >>> 3 & 7) == 0) {
            return operands('m');
        }
        int first = u8();
        int second = u8();
        encoding = Encoding.XOP;
        inverted(first, second);
        map = first & 0x1f;
        opcode = u8();
        return switch (map) {
            case XOP_MAP_8 -> operands('M');
            case XOP_MAP_9 -> operands('m');
            case XOP_MAP_A -> operands('m') && skip(Integer.BYTES);
            default -> false;
        };
    }

    private boolean vector() {
        if (rex != 0 || operand16 || repeat || repeatNot) {
            return false;
        }
        return switch (opcode) {
            case 0x62 -> evex();
            case 0xc4 -> vex3();
            default -> vex2();
        };
    }

    private boolean vex2() {
        int first = u8();
        inverted((first & 0x80) | 0x60, first & 0x7f);
        map = MAP_TWO;
        return vex();
    }

    private boolean vex3() {
        int first = u8();
        inverted(first, u8());
        map = first & 0x1f;
        return vex();
    }

    private boolean vex() {
        encoding = Encoding.VEX;
        opcode = u8();
        return switch (map) {
            case MAP_TWO -> operands(opcode == 0x77 ? '.' : OpcodeMap.TWO.shape(opcode) == 'M' ? 'M' : 'm');
            case MAP_38 -> operands('m');
            case MAP_3A -> operands('M');
            default -> false;
        };
    }

    private boolean evex() {
        int first = u8();
        int second = u8();
        at++; // masks and lengths
        encoding = Encoding.EVEX;
        inverted(first, second);
        map = first & 7;
        opcode = u8();
        boolean formed = (first & 8) == 0 && (second & 4) != 0;
        return formed
                && switch (map) {
                    case MAP_TWO -> operands(OpcodeMap.TWO.shape(opcode) == 'M' ? 'M' : 'm');
                    case MAP_38, EVEX_MAP_5, EVEX_MAP_6 -> operands('m');
                    case MAP_3A -> operands('M');
                    default -> false;
                };
    }

    /** The bits of REX in the bytes of VEX, EVEX and XOP, and what these have in place of prefixes. */
    private void inverted(int first, int second) {
        rex = (~first >>> 5 & (R | X | B)) | (second >>> 4 & W);
        extra = ~second >>> 3 & 0xf;
        operand16 = (second & 3) == 1;
        repeat = (second & 3) == 2;
        repeatNot = (second & 3) == 3;
    }

    private boolean operands(char shape) {
        return switch (shape) {
            case '.' -> true;
            case 'b', 'j' -> signed8();
            case 'w' -> skip(Short.BYTES);
            case 'E' -> skip(Short.BYTES + Byte.BYTES);
            case 'o' -> skip(address32 ? Integer.BYTES : Long.BYTES);
            case 'z' -> immediate();
            case 'v' -> wide() ? skip(Long.BYTES) : immediate();
            case 'J' -> distance();
            case 'm' -> modRm(u8());
            case 'M' -> modRm(u8()) && signed8();
            case 'Z' -> modRm(u8()) && immediate();
            case 't' -> modRm(u8()) && ((reg & 7) > 1 || signed8());
            case 'T' -> modRm(u8()) && ((reg & 7) > 1 || immediate());
            default -> false;
        };
    }

    /** AMD's processors take two bytes where the operand has 16 bits, Intel's four. */
    private boolean distance() {
        return (!operand16 || wide()) && signed32();
    }

    private boolean immediate() {
        return (operand16 && !wide()) ? skip(Short.BYTES) : signed32();
    }

    private boolean signed8() {
        immediate = (byte) u8();
        return true;
    }

    private boolean signed32() {
        immediate = s32();
        return true;
    }

    private boolean skip(int bytes) {
        at += bytes;
        return true;
    }

    private boolean modRm(int modRm) {
        mod = modRm >>> 6;
        reg = (modRm >>> 3 & 7) | (rex & R) << 1;
        rm = modRm & 7;
        if (mod == 3) {
            rm |= (rex & B) << 3;
        } else if (rm == 4) {
            sib(u8());
        } else {
            absolute = mod == 0 && rm == 5;
            base = absolute ? NONE : rm | (rex & B) << 3;
            displace(absolute);
        }
        base = segment || address32 ? NONE : base;
        return true;
    }

    private void sib(int sib) {
        boolean noBase = mod == 0 && (sib & 7) == 5;
        boolean noIndex = (sib >>> 3 & 7) == 4 && (rex & X) == 0;
        base = noBase || !noIndex ? NONE : (sib & 7) | (rex & B) << 3;
        displace(noBase);
    }

    private void displace(boolean always) {
        if (mod == 1) {
            displacement = (byte) u8();
        } else if (mod == 2 || always) {
            displacement = s32();
        }
    }

    private int u8() {
        int value = peek();
        at++;
        return value;
    }

    /** 0 behind the end: what reads that finds no instruction. */
    private int peek() {
        return at < end ? code[at] & 0xff : 0;
    }

    private int s32() {
        return u8() | u8() << 8 | u8() << 16 | u8() << 24;
    }
}
