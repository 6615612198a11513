/* The frames of CPython's interpreter, read after the walk of the native stack: the thread cannot move meanwhile.
 *
 *   interpreters → thread states → frames, innermost first          native stack, leaf first
 *     (one of them has the thread's FS base)
 *                        frame  f                                      C code that f has called
 *                        frame  g                                      the evaluation loop  ─┐ its frame holds the shim,
 *                        shim ────────────────────────────────────────────────────────────┘ so it runs f and g
 *
 * A shim, or up to 3.11 a CFrame, is a local of the evaluation loop: whichever native frame it lies in is that loop, whatever its name.
 */
#pragma once
#include "tables.h"

enum {
    MOST_THREAD_STEPS = 8192,
    USUAL_STACK = 8 << 20, /* bytes, of a stack whose end was not reached */
    PYTHON_STEPS_PER_CALL = 2,
    SENT_CODES = 32768,
    MOST_SENT = 16, /* with one sample: a few microseconds each */
    EPOCH_SHIFT = 30, /* nanoseconds */
    MOST_COUNTED = 1 << 24, /* code objects: what is more is no counter */
};

#define GOLDEN 0x9e3779b97f4a7c15ULL /* what it is multiplied by has its bits mixed upwards */

#define NOT_IN_CODE (1ULL << 31) /* of an instruction that is none of its code object's: negative, as 32 bits */
#define ONE_SAMPLE (1ULL << 63) /* of an epoch */
#define RETRY_NS_PER_STEP 10000ULL /* after so long a thread is looked for again that may have another state by now */

/* What was found once is checked at each use. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 32768);
    __type(key, struct python_thread_key);
    __type(value, struct python_thread);
} python_threads SEC(".maps");

/* Code objects that samples have met. */
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 2 * 1024 * 1024);
} code_objects SEC(".maps");

struct sent_codes {
    u64 hashes[SENT_CODES];
};

/* Which of them have been sent, for all CPUs: what is overwritten is sent again. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct sent_codes);
} sent SEC(".maps");

ALWAYS_INLINE int read_word(u64 address, u64 *to) { return bpf_probe_read_user(to, 8, (void *)address) != 0; }

ALWAYS_INLINE const struct cpython *cpython_at(u32 word) {
    u32 at = word % SLAB_WORDS, *words = word ? slab_of(word) : 0;
    if (!words || at > SLAB_WORDS - CPYTHON_WORDS) {
        return 0;
    }
    asm volatile("" : "+r"(at)); /* so that what is added is what was compared */
    return (const struct cpython *)(words + at);
}

ALWAYS_INLINE u64 word_in(const u8 *bytes, u32 offset, u32 size) {
    return offset <= size - 8 ? *(const u64 *)(bytes + offset) : 0;
}

/* Reads a thread state, up to the last of the fields that are asked for. */
ALWAYS_INLINE int read_thread(struct walk *walk, u64 state) {
    struct python_reading *at = &walk->reading;
    u32 size = walk->cpython.thread_size;
    at->state_read = state;
    return size > PYTHON_THREAD_BYTES || bpf_probe_read_user(at->state_bytes, size, (void *)state);
}

ALWAYS_INLINE u64 thread_word(const struct walk *walk, u32 field) {
    return word_in(walk->reading.state_bytes, field, PYTHON_THREAD_BYTES);
}

/* Whether a thread state is this thread's and in its interpreter's list: memory of one that has ended is in none. */
ALWAYS_INLINE int is_listed(struct walk *walk, u64 state) {
    const struct cpython *py = &walk->cpython;
    if (read_thread(walk, state) || thread_word(walk, py->thread_id) != walk->reading.fs_base) {
        return 0;
    }
    u64 previous = thread_word(walk, py->thread_previous), link;
    u64 before = previous ? previous + py->thread_next : thread_word(walk, py->thread_interpreter) + py->interpreter_threads;
    return !read_word(before, &link) && link == state;
}

ALWAYS_INLINE int has_cframes(const struct cpython *py) { return py->shape == PYTHON_CFRAMES || py->frame_by_cframe; }

ALWAYS_INLINE int is_on_stack(const struct walk *walk, u64 address) {
    return address - walk->stack_pointers[0] < walk->reading.stack_bytes;
}

/* Whether what was found is still all that there is. Where there are several interpreters a thread gets states at any time; up to 3.12 it
 * also borrows one that another thread has made.
 */
ALWAYS_INLINE int is_current(struct walk *walk, u64 now) {
    const struct cpython *py = &walk->cpython;
    const struct python_thread *thread = &walk->reading.thread;
    u64 first;
    int settled = thread->found && !thread->many, other = thread->tid != (u32)bpf_get_current_pid_tgid();
    if (read_word(py->interpreters, &first) || first != thread->first_interpreter || (thread->many && has_cframes(py)) ||
        (!thread->found && other) || (!settled && now >= thread->look_again_ns)) {
        return 0;
    }
    for (int i = 0; i < THREAD_STATES && thread->states[i]; i++) {
        if (!is_listed(walk, thread->states[i])) {
            return 0;
        }
    }
    return 1;
}

/* Whether the thread runs a state: it has made it, or, where that may be another one, the innermost CFrame is on its stack. */
ALWAYS_INLINE int runs_state(const struct walk *walk, u64 state) {
    const struct cpython *py = &walk->cpython;
    u64 word, by_cframe = walk->reading.thread.many && has_cframes(py);
    if (read_word(state + (by_cframe ? py->thread_cframe : py->thread_id), &word)) {
        return 0;
    }
    return by_cframe ? is_on_stack(walk, word) : word == walk->reading.fs_base;
}

ALWAYS_INLINE int next_interpreter(struct python_reading *at, const struct cpython *py) {
    u64 interpreter = at->interpreter;
    return !interpreter || read_word(interpreter + py->interpreter_threads, &at->state) ||
           read_word(interpreter + py->interpreter_next, &at->interpreter);
}

/* One step through the lists of all interpreters. */
static long next_thread(u32 index, void *context) {
    (void)index;
    (void)context;
    struct walk *walk = this_walk();
    if (!walk) {
        return 1;
    }
    struct python_reading *at = &walk->reading;
    const struct cpython *py = &walk->cpython;
    if (!at->state) {
        return next_interpreter(at, py);
    }
    if (at->thread.found < THREAD_STATES && runs_state(walk, at->state)) {
        at->thread.states[at->thread.found++ % THREAD_STATES] = at->state;
        at->state = 0; /* an interpreter has one of it */
        return 0;
    }
    return read_word(at->state + py->thread_next, &at->state);
}

ALWAYS_INLINE struct met_thread *place_of_thread(struct python_reading *at) {
    return &at->met[(at->fs_base * GOLDEN) >> THREADS_SHIFT];
}

/* Makes what is known of the thread present, which an earlier sample on this CPU may have left. */
ALWAYS_INLINE int knows_thread(struct python_reading *at, const struct python_thread_key *key) {
    struct met_thread *met = place_of_thread(at);
    if (met->key.fs_base != key->fs_base || met->key.pid != key->pid) {
        const struct python_thread *known = bpf_map_lookup_elem(&python_threads, key);
        if (!known) {
            return 0;
        }
        met->key = *key;
        met->thread = *known;
    }
    at->thread = met->thread;
    return 1;
}

/* Finds the states of the thread that the sample hit. */
__attribute__((noinline)) int find_thread_states(u64 pid, u64 now) {
    struct walk *walk = this_walk();
    u64 next = 0;
    if (!walk) {
        return 0;
    }
    struct python_reading *at = &walk->reading;
    const struct cpython *py = &walk->cpython;
    struct python_thread_key key = {at->fs_base, pid};
    if (knows_thread(at, &key) && is_current(walk, now)) {
        return 0;
    }
    __builtin_memset(&at->thread, 0, sizeof at->thread);
    at->state = 0;
    read_word(py->interpreters, &at->interpreter);
    read_word(at->interpreter + py->interpreter_next, &next);
    at->thread.first_interpreter = at->interpreter;
    at->thread.tid = bpf_get_current_pid_tgid();
    at->thread.id = walk->record.tid;
    at->thread.many = next != 0;
    long steps = bpf_loop(MOST_THREAD_STEPS, next_thread, 0, 0);
    at->thread.look_again_ns = now + (steps + 50) * RETRY_NS_PER_STEP;
    bpf_map_update_elem(&python_threads, &key, &at->thread, 0);
    place_of_thread(at)->key = key;
    place_of_thread(at)->thread = at->thread;
    return 0;
}

ALWAYS_INLINE int end_reading(struct walk *walk, u32 end) {
    walk->reading.end = end;
    return 1;
}

ALWAYS_INLINE int append(struct walk *walk, u64 word) {
    u32 at = walk->kernel_frames + walk->user_frames + walk->reading.words;
    if (walk->reading.words >= MAX_PYTHON_WORDS || at >= MAX_WORDS) {
        return end_reading(walk, PYTHON_TOO_DEEP);
    }
    walk->frames[at] = word;
    walk->reading.words++;
    return 0;
}

/* Folds a word of a code object into its tag; what cannot be read is 0. */
ALWAYS_INLINE u64 fold(struct walk *walk, u64 tag, u32 number) {
    u64 word = word_in(walk->reading.tag_bytes, walk->cpython.tag_words[number], PYTHON_TAG_BYTES);
    u16 inside = walk->cpython.tag_inside[number];
    if (inside) {
        read_word(word + inside, &word);
    }
    u64 product = (tag ^ word) * GOLDEN;
    return product ^ product >> 32;
}

/* Tells the code object from others that will have its address. */
ALWAYS_INLINE u32 tag_of(struct walk *walk, u64 code) {
    const struct cpython *py = &walk->cpython;
    u32 size = py->tag_size;
    u64 tag = 0;
    if (size > PYTHON_TAG_BYTES || bpf_probe_read_user(walk->reading.tag_bytes, size, (void *)(code + py->tag_start))) {
        return 0;
    }
    for (int i = 0; i < TAG_WORDS && i < py->tag_count; i++) {
        tag = fold(walk, tag, i);
    }
    return tag;
}

/* So much of an object as there is up to the page's end, where it has not the size. */
ALWAYS_INLINE void read_object(u8 *to, u32 size, u64 address) {
    if (bpf_probe_read_user(to, size, (void *)address)) {
        u32 left = 4096 - address % 4096;
        bpf_probe_read_user(to, left < size ? left : size, (void *)address);
    }
}

ALWAYS_INLINE u64 frame_word(const struct walk *walk, u32 field) {
    return word_in(walk->reading.window, walk->reading.frame_at + field, PYTHON_WINDOW_BYTES);
}

/* All code that is made out of text may say of its file is `<string>`, and the same name and line: then its function is sent along. */
ALWAYS_INLINE void add_function(const struct walk *walk, struct sent_code *copy) {
    const struct cpython *py = &walk->cpython;
    const u8 *head = copy->function_head;
    copy->function = frame_word(walk, py->frame_function) & py->pointer_mask;
    copy->objects[3] = copy->objects[4] = copy->objects[5] = 0;
    if (!py->text_data || copy->file[py->text_data % SENT_TEXT_BYTES] != '<') {
        return;
    }
    copy->objects[3] = copy->function;
    read_object(copy->function_head, PYTHON_FUNCTION_BYTES, copy->function);
    copy->objects[4] = word_in(head, py->function_name, PYTHON_FUNCTION_BYTES);
    copy->objects[5] = word_in(head, py->function_module, PYTHON_FUNCTION_BYTES);
    read_object(copy->function_name, SENT_TEXT_BYTES, copy->objects[4]);
    read_object(copy->function_module, SENT_TEXT_BYTES, copy->objects[5]);
}

/* Sends the code object of the frame that is being read. */
__attribute__((noinline)) int send_code(u64 code, u32 tag) {
    struct walk *walk = this_walk();
    struct sent_code *copy = bpf_ringbuf_reserve(&code_objects, sizeof *copy, 0);
    if (!copy) {
        return 0;
    }
    if (walk) {
        const struct cpython *py = &walk->cpython;
        const u8 *bytes = copy->head;
        read_object(copy->head, PYTHON_CODE_BYTES, code);
        copy->code = code;
        copy->tag = tag;
        copy->pid = walk->reading.pid;
        copy->objects[0] = word_in(bytes, py->code_name, PYTHON_CODE_BYTES);
        copy->objects[1] = word_in(bytes, py->code_file, PYTHON_CODE_BYTES);
        copy->objects[2] = word_in(bytes, py->code_lines, PYTHON_CODE_BYTES);
        read_object(copy->name, SENT_TEXT_BYTES, copy->objects[0]);
        read_object(copy->file, SENT_TEXT_BYTES, copy->objects[1]);
        read_object(copy->lines, SENT_TABLE_BYTES, copy->objects[2]);
        add_function(walk, copy);
    }
    bpf_ringbuf_submit(copy, 0);
    return 1;
}

/* Sends a code object that no sample has met; where there are too many at once, user space reads the others itself. */
ALWAYS_INLINE u32 is_sent(struct walk *walk, u64 code, u32 tag) {
    u32 zero = 0;
    struct sent_codes *codes = bpf_map_lookup_elem(&sent, &zero);
    u64 hash = ((code ^ (u64)tag << 32) + walk->reading.pid) * GOLDEN;
    if (!codes) {
        return 0;
    }
    u64 *known = &codes->hashes[(hash >> 40) % SENT_CODES];
    if (*known != hash && walk->reading.sent < MOST_SENT && send_code(code, tag)) {
        walk->reading.sent++;
        *known = hash;
    }
    return *known == hash;
}

/* The tag of a frame's code object, which is read once an epoch. */
__attribute__((noinline)) u32 tag_of_frame(u64 code) {
    struct walk *walk = this_walk();
    if (!walk) {
        return 0;
    }
    struct python_reading *at = &walk->reading;
    struct tagged_code *known = &at->tagged[(code * GOLDEN) >> TAGGED_SHIFT];
    int same = known->code == code && known->pid == (u32)at->pid;
    if (!same || known->epoch != at->epoch) {
        u32 tag = tag_of(walk, code);
        known->sent &= same && known->tag == tag;
        known->code = code;
        known->pid = at->pid;
        known->epoch = at->epoch;
        known->tag = tag;
    }
    known->sent = known->sent ?: is_sent(walk, code, known->tag);
    return known->tag;
}

/* Without a counter of code objects an epoch is a sample: what its stack does not hold may die. With one it lasts until that changes, but a
 * second at most, for an interpreter that is initialized anew counts from the beginning. Of several, each has a counter.
 */
ALWAYS_INLINE u64 epoch_of(struct walk *walk, u64 now) {
    const struct cpython *py = &walk->cpython;
    u64 at = py->code_counter ?: walk->reading.thread.first_interpreter + py->interpreter_codes;
    u32 counter = 0;
    if ((py->code_counter || py->interpreter_codes) && !walk->reading.thread.many) {
        bpf_probe_read_user(&counter, sizeof counter, (void *)at);
    }
    return counter - 1 < MOST_COUNTED ? (u64)counter << 31 | (now >> EPOCH_SHIFT) % (1U << 31) : ONE_SAMPLE | now;
}

/* Makes the bytes of a frame present. Frames of calls lie one behind the other in chunks: below one are those that called it, up to
 * the page's start.
 */
ALWAYS_INLINE int read_window(struct walk *walk, u64 frame) {
    struct python_reading *at = &walk->reading;
    u32 size = walk->cpython.frame_size;
    u64 end = frame + size, from = frame, page = frame & -4096ULL;
    if (walk->cpython.shape >= PYTHON_ENTRIES && at->above - frame < PYTHON_WINDOW_BYTES) {
        from = (end - PYTHON_WINDOW_BYTES + 63) & -64ULL;
        from = from > page ? from : page;
    }
    u64 bytes = end - from;
    at->window_start = from;
    at->window_size = bytes;
    return bytes > PYTHON_WINDOW_BYTES || bpf_probe_read_user(at->window, bytes, (void *)from);
}

/* Finds a frame in what was read, or reads it. */
ALWAYS_INLINE int find_frame(struct walk *walk) {
    struct python_reading *at = &walk->reading;
    u64 inside = at->frame - at->window_start;
    if (inside + walk->cpython.frame_size > at->window_size || inside > at->window_size) {
        if (read_window(walk, at->frame)) {
            return 0;
        }
        inside = at->frame - at->window_start;
    }
    at->frame_at = inside;
    at->above = at->frame;
    return 1;
}

ALWAYS_INLINE u64 instruction_of(const struct walk *walk, u64 code) {
    const struct cpython *py = &walk->cpython;
    u64 word = frame_word(walk, py->frame_instruction);
    u64 bytes = word - code - py->code_first_instruction;
    return !py->instruction_is_address ? word : bytes + 2 < NOT_IN_CODE ? bytes : NOT_IN_CODE; /* 2: before the first one */
}

/* From a CFrame to the next one. */
ALWAYS_INLINE int leave_cframe(struct walk *walk) {
    struct python_reading *at = &walk->reading;
    at->local = at->cframe;
    return read_word(at->cframe + walk->cpython.cframe_previous, &at->cframe) ? end_reading(walk, PYTHON_UNREADABLE) : 0;
}

ALWAYS_INLINE int read_frame(struct walk *walk) {
    struct python_reading *at = &walk->reading;
    const struct cpython *py = &walk->cpython;
    if (!at->frame) {
        return end_reading(walk, PYTHON_READ);
    }
    if (!find_frame(walk)) {
        return end_reading(walk, PYTHON_UNREADABLE);
    }
    u8 owner = at->window[(at->frame_at + py->frame_owner) % PYTHON_WINDOW_BYTES];
    u64 frame = at->frame;
    at->frame = frame_word(walk, py->frame_previous);
    if (py->shape == PYTHON_SHIMS && owner >= py->shim_owner) {
        at->local = frame;
        return 0;
    }
    u64 code = frame_word(walk, py->frame_code) & py->pointer_mask;
    if (code >> 47 || !code) {
        return end_reading(walk, PYTHON_UNREADABLE);
    }
    if (at->words + 2 > MAX_PYTHON_WORDS) {
        return end_reading(walk, PYTHON_TOO_DEEP);
    }
    u32 tag = tag_of_frame(code);
    at->frames++;
    at->read++;
    if (append(walk, (u64)PYTHON_FRAME_WORD << PYTHON_KIND_SHIFT | code) ||
        append(walk, instruction_of(walk, code) << 32 | tag)) {
        return 1;
    }
    if (py->shape == PYTHON_COUNTED) {
        at->frames = 0;
        return append(walk, (u64)PYTHON_CALL_WORD << PYTHON_KIND_SHIFT | (u64)PYTHON_NO_INDEX << PYTHON_INDEX_SHIFT);
    }
    return py->shape == PYTHON_CFRAMES || (py->shape == PYTHON_ENTRIES && owner) ? leave_cframe(walk) : 0;
}

/* Looks at one native frame, whether the local lies in it; notes the call once it is found, or is in none. */
ALWAYS_INLINE int place_call(struct walk *walk) {
    struct python_reading *at = &walk->reading;
    u32 user = at->native;
    int left = user + 1 < walk->user_frames, here = 0;
    if (left) {
        here = at->local >= walk->stack_pointers[user % MAX_USER_FRAMES] &&
               at->local < walk->stack_pointers[(user + 1) % MAX_USER_FRAMES];
    }
    if (left && !here && at->frames) {
        at->native++;
        return 0;
    }
    at->first_local = at->first_local ?: at->local;
    u64 index = here && user < PYTHON_NO_INDEX ? user : PYTHON_NO_INDEX;
    u64 word = (u64)PYTHON_CALL_WORD << PYTHON_KIND_SHIFT | index << PYTHON_INDEX_SHIFT | at->local;
    at->native = at->placed = here ? user : at->placed;
    at->local = 0;
    return at->frames ? (at->frames = 0, append(walk, word)) : 0;
}

static long next_python(u32 index, void *context) {
    (void)index;
    (void)context;
    struct walk *walk = this_walk();
    for (int i = 0; walk && i < PYTHON_STEPS_PER_CALL; i++) {
        if (walk->reading.local ? place_call(walk) : read_frame(walk)) {
            return 1;
        }
    }
    return !walk;
}

/* Where the frames of a thread state begin. */
ALWAYS_INLINE int enter_frames(struct walk *walk, u64 state) {
    struct python_reading *at = &walk->reading;
    const struct cpython *py = &walk->cpython;
    if (at->state_read != state && read_thread(walk, state)) {
        return end_reading(walk, PYTHON_UNREADABLE);
    }
    at->cframe = thread_word(walk, py->thread_cframe);
    at->frame = thread_word(walk, py->thread_frame);
    if (py->frame_by_cframe && read_word(at->cframe + py->cframe_frame, &at->frame)) {
        return end_reading(walk, PYTHON_UNREADABLE);
    }
    at->above = at->frame;
    return 0;
}

/* Reads the frames of one of the thread's states. Of several, one whose calls are on another stack is another thread's by now, and one that
 * cannot be read to its end is left out: where it belongs among the others is not known.
 */
__attribute__((noinline)) int read_state(u64 state) {
    struct walk *walk = this_walk();
    if (!walk) {
        return 0;
    }
    struct python_reading *at = &walk->reading;
    u32 words = at->words, before = at->end;
    at->native = at->placed = at->frames = 0;
    at->local = at->first_local = 0;
    at->end = PYTHON_TOO_DEEP; /* unless it comes to another end */
    if (!enter_frames(walk, state)) {
        bpf_loop((MAX_PYTHON_WORDS + MAX_USER_FRAMES) / PYTHON_STEPS_PER_CALL, next_python, 0, 0);
    }
    int elsewhere = at->first_local && !is_on_stack(walk, at->first_local);
    if (at->thread.many && (elsewhere || at->end != PYTHON_READ)) {
        at->words = words;
    }
    at->end = before > at->end ? before : at->end; /* one that could not be read is what is said of all */
    return 0;
}

/* Makes the process's layout present, likewise. */
ALWAYS_INLINE int knows_cpython(struct walk *walk, u32 word) {
    if (walk->cpython_of != walk->process.generation || walk->cpython_word != word) {
        const struct cpython *py = cpython_at(word);
        if (!py) {
            return 0;
        }
        walk->cpython = *py;
        walk->cpython_of = walk->process.generation;
        walk->cpython_word = word;
    }
    return 1;
}

/* Reads the Python frames of the thread that the sample hit, behind its native frames. */
__attribute__((noinline)) int read_python(u32 word, u64 pid, u64 now) {
    struct walk *walk = this_walk();
    if (!walk || !knows_cpython(walk, word)) {
        return 0;
    }
    struct python_reading *at = &walk->reading;
    u32 last = (walk->user_frames - 1) % MAX_USER_FRAMES;
    at->fs_base = bpf_get_current_task_btf()->thread.fsbase;
    at->pid = pid;
    at->sent = 0;
    at->state_read = 0;
    at->window_size = 0;
    at->stack_bytes = walk->end == END_OF_STACK ? walk->stack_pointers[last] - walk->stack_pointers[0] : USUAL_STACK;
    find_thread_states(pid, now);
    at->epoch = epoch_of(walk, now);
    at->end = at->thread.found ? PYTHON_NONE : PYTHON_NO_THREAD;
    for (int i = 0; i < THREAD_STATES && at->thread.states[i]; i++) {
        read_state(at->thread.states[i]);
    }
    return 0;
}
