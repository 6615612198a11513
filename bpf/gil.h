/* Who has CPython's lock, as the thread of a sample sees it: the memory is its own, too, but another may run and change it meanwhile.
 *
 *   state of the thread → interpreter → lock: locked, holder = state of who has it or had it last → its innermost frame
 *
 * A thread waits for it with futex(2), on a word that lies in it. Who gives it up wakes one that waits; who waits for long, 5 ms unless the
 * program says otherwise, is woken by a timer and looks again.
 */
#pragma once
#include "python.h"

enum { FUTEX = 202, MOST_SHIMS = 4, MOST_LOCKS = 4 };

ALWAYS_INLINE int is_awaited_at(const struct cpython_gil *py, u64 gil, u64 futex) {
    return gil && futex - (gil + py->waits) < py->waits_size;
}

/* The state of the thread that has the lock which the current thread begins to wait for on a futex: of the first interpreters' ones, if of any. */
__attribute__((noinline)) u64 holder_of_lock_at(u32 word, u64 futex) {
    const struct cpython *py = cpython_at(word);
    u64 gil, interpreter = 0, holder;
    u32 locked;
    if (!py || (!py->gil.address && (!py->gil.pointer || read_word(py->interpreters, &interpreter)))) {
        return 0;
    }
    for (int i = 0; i < MOST_LOCKS; i++) {
        gil = py->gil.address;
        if (!gil && (!interpreter || read_word(interpreter + py->gil.pointer, &gil))) {
            return 0;
        }
        if (is_awaited_at(&py->gil, gil, futex)) {
            return bpf_probe_read_user(&locked, sizeof locked, (void *)(gil + py->gil.locked)) || locked != 1 ||
                           read_word(gil + py->gil.holder, &holder)
                       ? 0
                       : holder;
        }
        if (py->gil.address || read_word(interpreter + py->interpreter_next, &interpreter)) {
            return 0;
        }
    }
    return 0;
}

/* The lock of the interpreter that a thread's state is of; 0 where that is not known. */
ALWAYS_INLINE u64 gil_of(const struct cpython *py, u64 state) {
    u64 gil = py->gil.address, interpreter;
    if (!gil && (!py->gil.pointer || read_word(state + py->thread_interpreter, &interpreter) ||
                 read_word(interpreter + py->gil.pointer, &gil))) {
        return 0;
    }
    return gil;
}

/* Where the frames of another thread's state begin. */
ALWAYS_INLINE u64 innermost_frame(const struct cpython *py, u64 state) {
    u64 frame = 0, cframe;
    if (!py->frame_by_cframe) {
        read_word(state + py->thread_frame, &frame);
    } else if (!read_word(state + py->thread_cframe, &cframe)) {
        read_word(cframe + py->cframe_frame, &frame);
    }
    return frame;
}

/* Makes a frame of another thread's present, whole. */
ALWAYS_INLINE int read_one_frame(struct walk *walk, u64 frame) {
    u32 size = walk->cpython.frame_size;
    walk->reading.window_start = frame;
    walk->reading.window_size = size;
    walk->reading.frame_at = 0;
    return size > PYTHON_FRAME_BYTES || bpf_probe_read_user(walk->reading.window, size, (void *)frame);
}

/* The function and line that a state's thread runs; it counts if it is the innermost one still when all has been read. */
ALWAYS_INLINE u32 read_function(struct walk *walk, u64 state) {
    const struct cpython *py = &walk->cpython;
    u64 first = innermost_frame(py, state), frame = first, again;
    for (int i = 0; i < MOST_SHIMS && frame; i++) {
        if (read_one_frame(walk, frame)) {
            return GIL_HOLDER_MOVED;
        }
        if (py->shape != PYTHON_SHIMS || walk->reading.window[py->frame_owner % PYTHON_FRAME_BYTES] < py->shim_owner) {
            break;
        }
        frame = frame_word(walk, py->frame_previous);
    }
    if (!frame) {
        return GIL_HOLDER_WITHOUT;
    }
    u64 code = frame_word(walk, py->frame_code) & py->pointer_mask;
    u64 instruction = instruction_of(walk, code);
    if (!code || code >> 47) {
        return GIL_HOLDER_MOVED;
    }
    walk->reading.epoch = ONE_SAMPLE | bpf_ktime_get_ns();
    u32 tag = tag_of_frame(code);
    if (innermost_frame(py, state) != first || read_word(frame + py->frame_code, &again) || (again & py->pointer_mask) != code) {
        return GIL_HOLDER_MOVED;
    }
    walk->record.gil.code = (u64)PYTHON_FRAME_WORD << PYTHON_KIND_SHIFT | code;
    walk->record.gil.detail = instruction << 32 | tag;
    return GIL_HOLDER_KNOWN;
}

/* Says who had the lock for which the thread with the state `own` has waited: who had it when that began and has it still, or has given it up
 * by waking this thread. Others may have had it in between, though not for long, for a wait lasts some milliseconds at most.
 */
ALWAYS_INLINE u32 read_holder(struct walk *walk, u64 now, u64 own) {
    struct python_thread_key key = {0, walk->reading.pid};
    const struct wait *wait = &walk->record.wait;
    u64 holder = wait->holder ?: now;
    if (!holder || holder == own || read_word(holder + walk->cpython.thread_id, &key.fs_base)) {
        return GIL_HOLDER_CHANGED;
    }
    if (wait->waker ? wait->waker != key.fs_base : wait->holder != now) {
        return GIL_HOLDER_CHANGED;
    }
    const struct python_thread *known = bpf_map_lookup_elem(&python_threads, &key);
    walk->record.gil.tid = known ? known->id : 0;
    return read_function(walk, holder);
}

/* What the thread that the sample hit has to do with the lock of the interpreter that one of its states is of. */
__attribute__((noinline)) int read_gil_by(u64 state) {
    struct walk *walk = this_walk();
    u64 gil, holder;
    u32 locked;
    if (!walk) {
        return 0;
    }
    const struct cpython_gil *at = &walk->cpython.gil;
    const struct wait *wait = &walk->record.wait;
    gil = gil_of(&walk->cpython, state);
    if (!gil || bpf_probe_read_user(&locked, sizeof locked, (void *)(gil + at->locked)) || read_word(gil + at->holder, &holder)) {
        return 0;
    }
    if ((wait->blocked.weight || wait->queued.weight) && wait->call == FUTEX && is_awaited_at(at, gil, wait->argument)) {
        walk->record.gil.role = GIL_AWAITED;
        walk->record.gil.holder = read_holder(walk, holder, state);
    } else if (locked == 1 && holder == state) {
        walk->record.gil.role = GIL_HELD;
    }
    return 0;
}

/* The same by all its states, of which one has something to do with a lock at most. */
__attribute__((noinline)) int read_gil(void) {
    struct walk *walk = this_walk();
    if (!walk) {
        return 0;
    }
    walk->record.gil.code = walk->record.gil.detail = walk->record.gil.tid = walk->record.gil.holder = 0;
    for (int i = 0; i < THREAD_STATES && !walk->record.gil.role && walk->reading.thread.states[i]; i++) {
        read_gil_by(walk->reading.thread.states[i]);
    }
    return 0;
}
