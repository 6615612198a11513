package io.perfagent.python.inject;

import io.perfagent.linux.ProcessMemory;
import java.io.IOException;

/**
 * What a thread waits for that is blocked in FUTEX_WAIT_BITSET: a lock of the interpreter's, or of somebody else. The interpreter's
 * own either lie in {@code _PyRuntime}, or, from 3.13 on, are bytes there that threads wait for on a semaphore of their own stack:
 *
 * <pre>
 *   struct wait_entry (Python/parking_lot.c): │ park_arg │ addr ──→ PyMutex │ semaphore ←── futex │ …
 * </pre>
 */
final class FutexWait {
    private final AddressRange runtime;
    private final ProcessMemory memory;

    /** @param runtime {@code _PyRuntime}; empty where it is not known, and every wait may be for something in it */
    FutexWait(AddressRange runtime, ProcessMemory memory) {
        this.runtime = runtime;
        this.memory = memory;
    }

    /**
     * A thread that waits for the GIL, or for another to take it, is in the middle of what borrowed work would do again: it would sleep
     * through the wake-up meant for it. One that waits for the list of threads may have the GIL and no current thread state, and would
     * wait for itself.
     */
    boolean isForOthers(long futex) {
        return runtime.start() < runtime.end() && !runtime.contains(futex) && !isParkedFor(futex);
    }

    /** What cannot be read is no wait entry: they lie amid stacks. */
    private boolean isParkedFor(long futex) {
        try {
            return runtime.contains(memory.word(futex - Long.BYTES));
        } catch (IOException _) {
            return false;
        }
    }
}
