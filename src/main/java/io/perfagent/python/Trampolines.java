package io.perfagent.python;

import io.perfagent.linux.ProcessMemory;
import io.perfagent.model.Mapping;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The perf trampoline's code in a process (CPython, Python/asm_trampoline.S), in anonymous executable memory in arenas of 64 KiB:
 *
 * <pre>
 *   [endbr64] sub $8,%rsp        call *%rcx  add $8,%rsp  ret      until 3.13.5
 *   [endbr64] push %rbp; mov …   call *%rcx  pop %rbp     ret      from then on
 * </pre>
 */
final class Trampolines {
    private static final int ARENA = 64 << 10;
    private static final int CODE_BYTES = 16;
    private static final byte[] ENDBR64 = {(byte) 0xf3, 0x0f, 0x1e, (byte) 0xfa};
    private static final byte[] WITHOUT_FRAME = {
        0x48,
        (byte) 0x83,
        (byte) 0xec,
        0x08,
        (byte) 0xff,
        (byte) 0xd1,
        0x48,
        (byte) 0x83,
        (byte) 0xc4,
        0x08,
        (byte) 0xc3
    };
    private static final byte[] WITH_FRAME = {
        0x55, 0x48, (byte) 0x89, (byte) 0xe5, (byte) 0xff, (byte) 0xd1, 0x5d, (byte) 0xc3
    };

    private Trampolines() {}

    /** Whether the trampoline has ever been on in the process. */
    static boolean present(List<Mapping> mappings, ProcessMemory memory) throws IOException {
        for (Mapping mapping : mappings) {
            if (mapping.executable()
                    && mapping.inode() == 0
                    && !mapping.path().startsWith("[v")
                    && holds(mapping, memory)) {
                return true;
            }
        }
        return false;
    }

    private static boolean holds(Mapping mapping, ProcessMemory memory) throws IOException {
        for (long at = mapping.start(); at < mapping.end(); at += ARENA) {
            try {
                if (isTrampoline(memory.read(at, CODE_BYTES))) {
                    return true;
                }
            } catch (EOFException e) {
                throw e;
            } catch (IOException _) {
                return false; // executable but not readable
            }
        }
        return false;
    }

    static boolean isTrampoline(ByteBuffer code) {
        int start = startsWith(code, 0, ENDBR64) ? ENDBR64.length : 0;
        return startsWith(code, start, WITHOUT_FRAME) || startsWith(code, start, WITH_FRAME);
    }

    private static boolean startsWith(ByteBuffer code, int at, byte[] pattern) {
        return at + pattern.length <= code.limit()
                && code.slice(at, pattern.length).equals(ByteBuffer.wrap(pattern));
    }
}
