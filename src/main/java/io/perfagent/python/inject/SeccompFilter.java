package io.perfagent.python.inject;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;

/**
 * A seccomp filter: a program of classic BPF as far as the kernel accepts it there (linux/filter.h; kernel/seccomp.c,
 * seccomp_check_filter). An instruction is 8 bytes, {@code code:16 jt:8 jf:8 k:32}. Jumps lead forward only, so that every program ends.
 */
final class SeccompFilter {
    private static final int INSTRUCTION_BYTES = 8;
    private static final int MAX_INSTRUCTIONS = 4096;
    private static final int MEMORY_WORDS = 16;

    private static final int LOAD_DATA = 0x20;
    private static final int LOAD_LENGTH = 0x80;
    private static final int LOAD_X_LENGTH = 0x81;
    private static final int LOAD_CONSTANT = 0x00;
    private static final int LOAD_X_CONSTANT = 0x01;
    private static final int LOAD_MEMORY = 0x60;
    private static final int LOAD_X_MEMORY = 0x61;
    private static final int STORE = 0x02;
    private static final int STORE_X = 0x03;
    private static final int TO_X = 0x07;
    private static final int FROM_X = 0x87;
    private static final int NEGATE = 0x84;
    private static final int RETURN = 0x06;
    private static final int RETURN_A = 0x16;
    private static final int JUMP = 0x05;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int OPERAND_X = 0x08;
    private static final long ALLOW = 0x7fff_0000;

    private final int[] codes;
    private final int[] jumps;
    private final int[] constants;

    private int a;
    private int x;

    private SeccompFilter(int length) {
        codes = new int[length];
        jumps = new int[length];
        constants = new int[length];
    }

    /** Throws IllegalArgumentException for what the kernel would not have taken. */
    static SeccompFilter parse(ByteBuffer program) {
        ByteBuffer bytes = program.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int length = bytes.remaining() / INSTRUCTION_BYTES;
        require(bytes.remaining() % INSTRUCTION_BYTES == 0 && length > 0 && length <= MAX_INSTRUCTIONS, "length");
        SeccompFilter filter = new SeccompFilter(length);
        for (int at = 0; at < length; at++) {
            filter.codes[at] = Short.toUnsignedInt(bytes.getShort());
            filter.jumps[at] = Short.toUnsignedInt(bytes.getShort());
            filter.constants[at] = bytes.getInt();
            filter.check(at);
        }
        int last = filter.codes[length - 1];
        require(last == RETURN || last == RETURN_A, "end");
        return filter;
    }

    /** A program that does some work before it allows everything. */
    static ByteBuffer allowing(int comparisons) {
        ByteBuffer program =
                ByteBuffer.allocate((comparisons + 2) * INSTRUCTION_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        program.putLong(LOAD_DATA);
        for (int number = 0; number < comparisons; number++) {
            program.putLong((long) ~number << Integer.SIZE | JUMP_IF_EQUAL);
        }
        return program.putLong(ALLOW << Integer.SIZE | RETURN).flip();
    }

    /** For use by one thread at a time. */
    SeccompAnswer answer(SeccompData data) {
        int[] memory = new int[MEMORY_WORDS];
        a = 0;
        x = 0;
        int at = 0;
        while (true) {
            int k = constants[at];
            int next = at + 1;
            switch (codes[at]) {
                case RETURN -> {
                    return SeccompAnswer.of(k);
                }
                case RETURN_A -> {
                    return SeccompAnswer.of(a);
                }
                case LOAD_DATA -> {
                    OptionalInt word = data.word(k);
                    if (word.isEmpty()) {
                        return new SeccompAnswer(SeccompAnswer.Action.OPEN, 0);
                    }
                    a = word.getAsInt();
                }
                case LOAD_LENGTH -> a = SeccompData.BYTES;
                case LOAD_X_LENGTH -> x = SeccompData.BYTES;
                case LOAD_CONSTANT -> a = k;
                case LOAD_X_CONSTANT -> x = k;
                case LOAD_MEMORY -> a = memory[k];
                case LOAD_X_MEMORY -> x = memory[k];
                case STORE -> memory[k] = a;
                case STORE_X -> memory[k] = x;
                case TO_X -> x = a;
                case FROM_X -> a = x;
                case NEGATE -> a = -a;
                case JUMP -> next += k;
                case JUMP_IF_EQUAL, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d -> next += branch(codes[at], jumps[at], k);
                case 0x3c -> {
                    if (x == 0) {
                        return SeccompAnswer.of(0);
                    }
                    a = Integer.divideUnsigned(a, x);
                }
                default -> a = compute(codes[at] & ~OPERAND_X, operand(codes[at], k));
            }
            at = next;
        }
    }

    private int operand(int code, int k) {
        return (code & OPERAND_X) == 0 ? k : x;
    }

    private int branch(int code, int jumps, int k) {
        int operand = operand(code, k);
        boolean holds = switch (code & ~OPERAND_X) {
            case JUMP_IF_EQUAL -> a == operand;
            case 0x25 -> Integer.compareUnsigned(a, operand) > 0;
            case 0x35 -> Integer.compareUnsigned(a, operand) >= 0;
            default -> (a & operand) != 0;
        };
        return holds ? jumps & 0xff : jumps >>> 8;
    }

    private int compute(int operation, int operand) {
        return switch (operation) {
            case 0x04 -> a + operand;
            case 0x14 -> a - operand;
            case 0x24 -> a * operand;
            case 0x34 -> Integer.divideUnsigned(a, operand);
            case 0x44 -> a | operand;
            case 0x54 -> a & operand;
            case 0x64 -> a << operand;
            case 0x74 -> a >>> operand;
            case 0xa4 -> a ^ operand;
            default -> throw new IllegalStateException("instruction 0x" + Integer.toHexString(operation));
        };
    }

    private void check(int at) {
        int k = constants[at];
        int left = codes.length - at - 1;
        boolean good = switch (codes[at]) {
            case LOAD_DATA -> k >= 0 && k < SeccompData.BYTES && k % Integer.BYTES == 0;
            case LOAD_MEMORY, LOAD_X_MEMORY, STORE, STORE_X -> k >= 0 && k < MEMORY_WORDS;
            case JUMP -> Integer.compareUnsigned(k, left) < 0;
            case JUMP_IF_EQUAL, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d ->
                (jumps[at] & 0xff) < left && jumps[at] >>> 8 < left;
            case 0x34 -> k != 0;
            case 0x64, 0x74 -> k >= 0 && k < Integer.SIZE;
            case LOAD_LENGTH, LOAD_X_LENGTH, LOAD_CONSTANT, LOAD_X_CONSTANT, TO_X, FROM_X, NEGATE -> true;
            case RETURN, RETURN_A -> true;
            case 0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x3c, 0x44, 0x4c, 0x54, 0x5c -> true;
            case 0x6c, 0x7c, 0xa4, 0xac -> true;
            default -> false;
        };
        require(good, "instruction " + at);
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException("no seccomp filter: " + what);
        }
    }
}
