package io.perfagent.python;

import io.perfagent.linux.ProcessMemory;
import io.perfagent.model.Mapping;
import io.perfagent.python.inject.Architecture;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;

/**
 * The perf trampoline's code in a process: CPython copies it, once for each code object, into anonymous executable memory in arenas
 * of 64 KiB.
 */
final class Trampolines {
    private static final int ARENA = 64 << 10;

    private Trampolines() {}

    /** Whether the trampoline has ever been on in the process. */
    static boolean present(List<Mapping> mappings, ProcessMemory memory, Architecture architecture) throws IOException {
        for (Mapping mapping : mappings) {
            if (mapping.executable()
                    && mapping.inode() == 0
                    && !mapping.path().startsWith("[v")
                    && holds(mapping, memory, architecture)) {
                return true;
            }
        }
        return false;
    }

    private static boolean holds(Mapping mapping, ProcessMemory memory, Architecture architecture) throws IOException {
        for (long at = mapping.start(); at < mapping.end(); at += ARENA) {
            try {
                if (architecture.isTrampoline(memory.read(at, Architecture.TRAMPOLINE_BYTES))) {
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
}
