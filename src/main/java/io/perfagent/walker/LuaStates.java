package io.perfagent.walker;

import io.perfagent.model.CodeMemory;
import io.perfagent.unwind.table.InterpreterFrame.Tracing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks up traces in what LuaJIT knows of them, in a process's memory. A register leads there while code of a trace runs; where it led to is
 * remembered for what functions in C are called from. A program may have several states of Lua, each with traces of its own.
 *
 * <pre>
 *   r14 ── + list ─→ address of the list of traces │ u32 │ its length u32         trace ── + machine code ─→
 *   …  size u32 │ address u64 │ loop u32 │ children u16 │ spill u16 │ number u16 │ link u16 │ root u16
 * </pre>
 *
 * LuaJIT 2.1: GCtrace and jit_State in lj_jit.h. Safe for use by several threads.
 */
final class LuaStates {
    private static final int MOST_STATES = 64;
    /** Traces; twice as many as OpenResty makes at most. */
    private static final int MOST_LOOKED_AT = 1 << 14;

    private static final int LARGEST_TRACE = 1 << 17;
    private static final int LENGTH = 12;
    private static final int SIZE_BEFORE = 4;
    private static final int DESCRIPTION_BYTES = 26;

    private final LinkedHashSet<Long> known = new LinkedHashSet<>();

    /**
     * The trace that has an address; null where none is known to.
     *
     * @param register what r14 held; 0: not known
     */
    @Nullable
    LuaTrace traceAt(CodeMemory memory, Tracing layout, long address, long register) {
        Search search = new Search(memory, layout, address);
        for (long state : candidates(register)) {
            LuaTrace trace = search.in(state);
            if (trace != null) {
                remember(state);
                return trace;
            }
        }
        return null;
    }

    private synchronized List<Long> candidates(long register) {
        List<Long> candidates = new ArrayList<>(known.size() + 1);
        candidates.add(register);
        candidates.addAll(known.reversed());
        return candidates;
    }

    private synchronized void remember(long state) {
        known.remove(state);
        known.add(state);
        if (known.size() > MOST_STATES) {
            known.removeFirst();
        }
    }

    /** For one address, in one memory, which may be laid out to take as long as it can. */
    private static final class Search {
        private final CodeMemory memory;
        private final Tracing layout;
        private final long address;
        private int left = MOST_LOOKED_AT;

        Search(CodeMemory memory, Tracing layout, long address) {
            this.memory = memory;
            this.layout = layout;
            this.address = address;
        }

        @Nullable
        LuaTrace in(long state) {
            ByteBuffer list = state == 0 ? null : read(state + layout.list(), LENGTH + Integer.BYTES);
            int length = list == null ? 0 : list.getInt(LENGTH);
            ByteBuffer traces =
                    list == null || length <= 0 || length > left ? null : read(list.getLong(0), length * Long.BYTES);
            for (int number = 1; traces != null && number < length; number++) {
                long at = traces.getLong(number * Long.BYTES);
                LuaTrace trace = at == 0 ? null : trace(at, number);
                if (trace != null && trace.contains(address)) {
                    return trace;
                }
            }
            left -= traces == null ? 0 : length;
            return null;
        }

        private @Nullable LuaTrace trace(long at, int number) {
            ByteBuffer in = read(at + layout.machineCode() - SIZE_BEFORE, DESCRIPTION_BYTES);
            if (in == null) {
                return null;
            }
            int size = in.getInt(0);
            boolean plausible = size > 0 && size <= LARGEST_TRACE && Short.toUnsignedInt(in.getShort(20)) == number;
            return plausible
                    ? new LuaTrace(
                            in.getLong(4),
                            size,
                            Short.toUnsignedInt(in.getShort(18)),
                            in.getShort(24) == 0,
                            layout.extraBytes())
                    : null;
        }

        private @Nullable ByteBuffer read(long from, int length) {
            byte[] bytes = new byte[length];
            return memory.read(from, bytes, 0, length) ? ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN) : null;
        }
    }
}
