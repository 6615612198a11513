package io.perfagent.python.inject;

import io.perfagent.linux.ProcessMemory;
import io.perfagent.model.Mapping;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that a process has its perf map open only while a line is written. CPython opens it once and keeps the stream for good, in
 * every forked child as well; where a program then closes all descriptors, the lines go to whatever it opens next. CPython writes through
 * pointers in {@code _PyRuntime}, words of 64 bits, which are found by the arena of trampolines that precedes them:
 *
 * <pre>
 *   arena ──→ its memory │ next trampoline │ 65536 │ rest │ trampoline's size │ previous arena
 *   init_state   opens the map, when the trampoline is set up and in each child  →  does nothing
 *   write_state  writes a line, and opens the map first where it is closed       →  calls the original, then PyUnstable_PerfMapState_Fini
 *   free_state   closes the map
 *   state        0
 * </pre>
 *
 * The two functions stay in the target for good, behind the code of a file that is never unmapped. A program that sets the trampoline
 * up by itself has CPython's own put back.
 */
public final class MapGuard {
    /** {@code ceval.perf} was found 1.9 to 2.9 KB behind the start of {@code _PyRuntime}. */
    private static final int LOOKED_THROUGH = 64 << 10;

    private static final int ARENA_WORDS = 6;
    private static final long ARENA_BYTES = 64 << 10;
    private static final int WORDS = 5;

    private final Architecture architecture;
    private final ProcessMemory memory;
    private final Padding padding;
    private final long closeMap;
    private final long pointers;

    /**
     * Code that stands in for CPython's.
     *
     * @param code begins with {@link #MAGIC} and the address of the original write_state
     * @param init offset of what stands in for init_state
     * @param write offset of what stands in for write_state
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Code(byte[] code, int init, int write) {
        public static final long MAGIC = 0x31_6472_6147_6670L; // "pfGard1"
    }

    private MapGuard(
            Interpreter interpreter, Architecture architecture, ProcessMemory memory, Padding padding, long pointers) {
        this.architecture = architecture;
        this.memory = memory;
        this.padding = padding;
        this.closeMap = interpreter.calls().closeMap();
        this.pointers = pointers;
    }

    /** Null where the pointers are not found, such as before the trampoline has been set up. */
    static @Nullable MapGuard of(
            Interpreter interpreter, Architecture architecture, ProcessMemory memory, List<Mapping> mappings)
            throws IOException {
        Padding padding = new Padding(interpreter, memory, mappings);
        long pointers = new Search(interpreter.runtime(), memory, mappings).pointers();
        return pointers == 0 ? null : new MapGuard(interpreter, architecture, memory, padding, pointers);
    }

    boolean installed() throws IOException {
        long write = memory.word(pointers + Long.BYTES);
        Code code = code(write);
        long start = write - code.write();
        try {
            long original = memory.word(start + Long.BYTES);
            return memory.word(start) == Code.MAGIC
                    && memory.read(start, code.code().length)
                            .equals(ByteBuffer.wrap(code(original).code()));
        } catch (EOFException e) {
            throw e;
        } catch (IOException _) {
            return false; // no memory there: not ours
        }
    }

    /** To be called while the trampoline is off. Each pointer is changed in one piece. */
    void install() throws IOException, RefusedException {
        Code code = code(memory.word(pointers + Long.BYTES));
        long at = padding.resident(code.code());
        padding.install(at, code.code());
        if (memory.word(pointers) != 0) {
            set(pointers, at + code.init());
        }
        set(pointers + Long.BYTES, at + code.write());
    }

    private Code code(long original) {
        return architecture.mapGuard(original, closeMap);
    }

    private void set(long address, long value) throws IOException {
        memory.write(
                address,
                ByteBuffer.allocate(Long.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(value)
                        .array());
    }

    private record Search(AddressRange runtime, ProcessMemory memory, List<Mapping> mappings) {
        /** Address of init_state; 0 where it is not found. */
        long pointers() throws IOException {
            int size = (int) Math.min(LOOKED_THROUGH, runtime.end() - runtime.start()) & -Long.BYTES;
            ByteBuffer words = size == 0 ? ByteBuffer.allocate(0) : memory.read(runtime.start(), size);
            for (int at = 0; at + WORDS * Long.BYTES <= size; at += Long.BYTES) {
                if (words.getLong(at) != 0 && isApi(words, at + Long.BYTES) && isArena(words.getLong(at))) {
                    return runtime.start() + at + Long.BYTES;
                }
            }
            return 0;
        }

        private boolean isApi(ByteBuffer words, int at) {
            long init = words.getLong(at);
            long write = words.getLong(at + Long.BYTES);
            long free = words.getLong(at + 2 * Long.BYTES);
            return words.getLong(at + 3 * Long.BYTES) == 0
                    && write != 0
                    && isCode(write)
                    && (init == 0 || isCode(init))
                    && (free == 0 || isCode(free));
        }

        private boolean isCode(long address) {
            return lies(address, mapping -> mapping.executable() && mapping.isFile());
        }

        private boolean isArena(long address) throws IOException {
            if (address % Long.BYTES != 0 || !lies(address, Mapping::writable)) {
                return false;
            }
            ByteBuffer arena = memory.read(address, ARENA_WORDS * Long.BYTES);
            long start = arena.getLong(0);
            long used = arena.getLong(Long.BYTES) - start;
            return arena.getLong(2 * Long.BYTES) == ARENA_BYTES
                    && used >= 0
                    && used <= ARENA_BYTES
                    && lies(start, mapping -> mapping.executable() && mapping.inode() == 0);
        }

        private boolean lies(long address, Predicate<Mapping> kind) {
            for (Mapping mapping : mappings) {
                if (mapping.contains(address)) {
                    return kind.test(mapping);
                }
            }
            return false;
        }
    }
}
