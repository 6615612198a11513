package io.perfagent.unwind;

import io.perfagent.unwind.table.TableBuilder;

/**
 * Where the stack of a thread begins in a program with musl, which describes that by no call-frame information: in the call that runs the thread's function
 * (src/thread/x86_64/clone.s).
 *
 * <pre>
 *   31 ed     xor  %ebp,%ebp    the outermost frame
 *   5f        pop  %rdi
 *   41 ff d1  call *%r9         the thread
 *   89 c7     mov  %eax,%edi
 *   31 c0     xor  %eax,%eax
 *   b0 3c     mov  $60,%al      exit
 *   0f 05     syscall
 *   f4        hlt
 * </pre>
 */
final class ThreadStart {
    private static final byte[] CODE = {
        0x31,
        (byte) 0xed,
        0x5f,
        0x41,
        (byte) 0xff,
        (byte) 0xd1,
        (byte) 0x89,
        (byte) 0xc7,
        0x31,
        (byte) 0xc0,
        (byte) 0xb0,
        0x3c,
        0x0f,
        0x05,
        (byte) 0xf4
    };
    private static final int CALL = 3;
    private static final int CALL_BYTES = 3;
    private static final long NOWHERE = Long.MAX_VALUE;

    private final long call;
    private final TableBuilder table;
    private boolean begun;
    private boolean ended;

    private ThreadStart(long call, TableBuilder table) {
        this.call = call;
        this.table = table;
    }

    /** That of a stretch of code, the first if there are several. */
    static ThreadStart in(byte[] code, long address, TableBuilder table) {
        for (int at = 0; at + CODE.length <= code.length; at++) {
            if (code[at] == CODE[0] && isAt(code, at)) {
                return new ThreadStart(address + at + CALL, table);
            }
        }
        return new ThreadStart(NOWHERE, table);
    }

    private static boolean isAt(byte[] code, int at) {
        for (int i = 0; i < CODE.length; i++) {
            if (code[at + i] != CODE[i]) {
                return false;
            }
        }
        return true;
    }

    /** Writes what lies before a row that comes; false where the row is the call's own, which has one already. */
    boolean writeBefore(long address) {
        if (address >= call && !begun) {
            begun = true;
            boolean _ = table.endOfStack(call);
        }
        if (begun && address >= call + CALL_BYTES && !ended) {
            ended = true;
            table.end(call + CALL_BYTES);
        }
        return !begun || ended;
    }
}
