package io.perfagent.runtime.gdbjit;

import io.perfagent.model.CodeMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The list of what a program has made (GDB manual, "JIT Compilation Interface"), read while it runs:
 *
 * <pre>
 *   __jit_debug_descriptor:  0 version u32, 1 │ 4 action u32 │ 8 relevant entry │ 16 first entry
 *   entry:                   0 next │ 8 previous │ 16 address of an ELF image │ 24 its bytes u64
 * </pre>
 */
final class JitList {
    /** A program that makes more describes the rest to nobody. */
    static final int MOST_ENTRIES = 4096;

    private static final int DESCRIPTOR_BYTES = 24;
    private static final int FIRST = 16;
    private static final int ENTRY_BYTES = 32;
    private static final int VERSION = 1;

    private final CodeMemory memory;

    /** What one entry describes. */
    record Entry(long image, long bytes) {}

    JitList(CodeMemory memory) {
        this.memory = memory;
    }

    /** The entries, the newest first; null where they cannot be read, or change meanwhile: each says which one is before it. */
    @Nullable
    List<Entry> read(long descriptor) {
        ByteBuffer head = bytes(descriptor, DESCRIPTOR_BYTES);
        if (head == null || head.getInt(0) != VERSION) {
            return null;
        }
        SequencedMap<Long, Entry> entries = new LinkedHashMap<>();
        long previous = 0;
        long at = head.getLong(FIRST);
        while (at != 0 && entries.size() < MOST_ENTRIES) {
            ByteBuffer entry = bytes(at, ENTRY_BYTES);
            if (entry == null || entry.getLong(8) != previous || entries.containsKey(at)) {
                return null;
            }
            entries.put(at, new Entry(entry.getLong(16), entry.getLong(24)));
            previous = at;
            at = entry.getLong(0);
        }
        return List.copyOf(entries.values());
    }

    private @Nullable ByteBuffer bytes(long address, int size) {
        byte[] bytes = new byte[size];
        return memory.read(address, bytes, 0, size) ? ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN) : null;
    }
}
