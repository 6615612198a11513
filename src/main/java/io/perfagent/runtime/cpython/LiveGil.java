package io.perfagent.runtime.cpython;

import io.perfagent.bpf.abi.CPythonEntry.Lock;
import io.perfagent.model.GilUse;
import io.perfagent.model.PythonFrames;
import io.perfagent.runtime.cpython.StateList.State;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.function.LongToIntFunction;

/** What threads that wait have to do with the GIL, read from user space; the second implementation of {@code bpf/gil.h}. */
final class LiveGil {
    private static final int FRAME_WORDS = 2;

    private final Lock lock;
    private final PythonMemory memory;
    private final StateList states;
    private final LongFunction<PythonFrames> frames;
    private final Map<Long, GilUse> holders = new HashMap<>();

    /** @param frames those that a thread has now, by where its FS begins: it may run meanwhile */
    LiveGil(Gil gil, PythonMemory memory, StateList states, LongFunction<PythonFrames> frames) {
        this.lock = gil.lock();
        this.memory = memory;
        this.states = states;
        this.frames = frames;
    }

    /** As {@link LiveFrames.Reader#gil}. */
    GilUse use(long fsBase, long futex, LongToIntFunction tids) {
        try {
            for (long gil : locks()) {
                boolean locked = memory.read(gil + lock.locked(), Integer.BYTES).getInt(0) == 1;
                long holder = locked ? memory.word(gil + lock.holder()) : 0;
                if (Long.compareUnsigned(futex - (gil + lock.waits()), lock.waitsSize()) < 0) {
                    return holders.computeIfAbsent(holder, state -> awaited(state, tids));
                }
                if (states.all().stream().anyMatch(state -> state.address() == holder && state.id() == fsBase)) {
                    return new GilUse(GilUse.Role.HELD, GilUse.Holder.KNOWN, 0, 0, 0);
                }
            }
        } catch (MissedException _) {
            // nothing is known
        }
        return GilUse.NONE;
    }

    private Set<Long> locks() throws MissedException {
        if (lock.address() != 0) {
            return Set.of(lock.address());
        }
        Set<Long> locks = new LinkedHashSet<>();
        for (long interpreter : lock.pointer() == 0 ? List.<Long>of() : states.interpreters()) {
            locks.add(memory.word(interpreter + lock.pointer()));
        }
        return locks;
    }

    /** Its innermost frame counts if it is in the same function when all has been read again. */
    private GilUse awaited(long holder, LongToIntFunction tids) {
        for (State state : states.all()) {
            if (state.address() == holder) {
                long[] words = frames.apply(state.id()).words();
                long[] again = frames.apply(state.id()).words();
                int tid = tids.applyAsInt(state.id());
                if (words.length < FRAME_WORDS && again.length < FRAME_WORDS) {
                    return unknown(GilUse.Holder.WITHOUT, tid);
                }
                return words.length < FRAME_WORDS || again.length < FRAME_WORDS || words[0] != again[0]
                        ? unknown(GilUse.Holder.MOVED, tid)
                        : new GilUse(GilUse.Role.AWAITED, GilUse.Holder.KNOWN, tid, again[0], again[1]);
            }
        }
        return unknown(GilUse.Holder.CHANGED, 0);
    }

    private static GilUse unknown(GilUse.Holder why, int tid) {
        return new GilUse(GilUse.Role.AWAITED, why, tid, 0, 0);
    }
}
