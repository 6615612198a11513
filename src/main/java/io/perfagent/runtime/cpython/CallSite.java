package io.perfagent.runtime.cpython;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/** What x86-64 code calls, told from the bytes before the address that the call returns to. Of what is no such call it is 0. */
final class CallSite {
    private static final int ABSOLUTE_BYTES = 7;
    private static final int RELATIVE_BYTES = 3;
    private static final int DIRECT_BYTES = 5;
    private static final int LEA_BYTES = 7;
    private static final int NO_BASE = 5;

    private CallSite() {}

    /**
     * The table of functions that the call which ends there reads.
     *
     * @param code from the address {@code start} on
     * @param end index in it
     */
    static long table(ByteBuffer code, int end, long start) {
        if (isThroughTable(code, end - ABSOLUTE_BYTES) && base(code, end - ABSOLUTE_BYTES) == NO_BASE) {
            return code.getInt(end - Integer.BYTES);
        }
        int call = end - RELATIVE_BYTES;
        return isThroughTable(code, call) && base(code, call) != NO_BASE ? loaded(code, call, start) : 0;
    }

    /** The function that the call which ends there names. */
    static long callee(ByteBuffer code, int end, long start) {
        int call = end - DIRECT_BYTES;
        return call >= 0 && code.get(call) == (byte) 0xe8 ? start + end + code.getInt(call + 1) : 0;
    }

    /**
     * Functions whose calls go on where the call that ends there goes on. Where that one's result is returned there, so is theirs.
     */
    static Set<Long> calledLikewise(ByteBuffer code, int end, long start) {
        Set<Long> called = new HashSet<>();
        int next = next(code, end);
        for (int other = DIRECT_BYTES; other < code.limit(); other++) {
            long callee = next(code, other) == next ? callee(code, other, start) : 0;
            if (callee != 0) {
                called.add(callee);
            }
        }
        return called;
    }

    /** Where it goes on from an instruction that may be a jump. */
    private static int next(ByteBuffer code, int at) {
        boolean near = code.get(at) == (byte) 0xeb && at + 2 <= code.limit();
        boolean far = code.get(at) == (byte) 0xe9 && at + DIRECT_BYTES <= code.limit();
        return near ? at + 2 + code.get(at + 1) : far ? at + DIRECT_BYTES + code.getInt(at + 1) : at;
    }

    /** A call through words that a register counts. */
    private static boolean isThroughTable(ByteBuffer code, int at) {
        return at >= 0 && code.get(at) == (byte) 0xff && code.get(at + 1) == 0x14 && (code.get(at + 2) & 0xc0) == 0xc0;
    }

    private static int base(ByteBuffer code, int call) {
        return code.get(call + 2) & 7;
    }

    /** What the last {@code lea} before the call has put into the call's base register. */
    private static long loaded(ByteBuffer code, int call, long start) {
        for (int at = call - LEA_BYTES; at >= 0; at--) {
            boolean lea = (code.get(at) & 0xf8) == 0x48 && code.get(at + 1) == (byte) 0x8d;
            if (lea && (code.get(at + 2) & 0xc7) == NO_BASE && ((code.get(at + 2) >> 3) & 7) == base(code, call)) {
                return start + at + LEA_BYTES + code.getInt(at + LEA_BYTES - Integer.BYTES);
            }
        }
        return 0;
    }
}
