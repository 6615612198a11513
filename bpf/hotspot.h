/* Frames of a JVM's own code: HotSpot's interpreter, what its compilers made, its stubs. None has call-frame information or keeps frame
 * pointers, but the JVM knows the size of each frame. (OpenJDK: code/codeBlob.hpp, cpu/x86/frame_x86.hpp.)
 *
 *   code heap   │ block │ block         │ free │ …        segment map   0 1 2 0 1 2 3 4 255 …    hops back to the block's start
 *
 *   compiled                              interpreted
 *     CFA → │ caller's frame │              CFA = *(rbp - 8): a caller that was compiled
 *           │ return address │              │ locals          │ has its frame extended by them
 *           │ rbp            │              │ return address  │
 *           │ … frame_size   │       rbp →  │ caller's rbp    │
 *     rsp → │                │       -8     │ caller's rsp    │
 *                                    -16    │ rsp while it calls, else 0 │
 */
#pragma once
#include "walker.h"

enum {
    FREE_SEGMENT = 255,
    MOST_HOPS = 32, /* of at most 254 segments, each of 128 bytes as a rule */
    MOST_FRAME_BYTES = 1 << 20,
    MOST_ARGUMENT_BYTES = 1 << 12, /* 255 words, and alignment */
    MOST_PUSHED = 8, /* registers that a stub without a frame has pushed */
    MOST_ON_TOP = 4, /* registers that compiled code has pushed on its frame */
    RETURN_ENTRY_BYTES = 256,
};

#define LONGEST_ROW ROW_CFA_MASK
#define I2C_C2I 0x2f433249ULL /* "I2C/", the name of adapters */

ALWAYS_INLINE u32 computed(struct walk *walk, u64 sp, u64 return_address_at, u64 rbp_at) {
    walk->caller = (struct caller){sp, 0, return_address_at, rbp_at};
    return row_rule(COMPUTED_RULE);
}

/* The frame of compiled code. */
ALWAYS_INLINE u32 row_of_frame(struct walk *walk, u64 words) {
    u64 cfa = walk->sp + 8 * words;
    return words <= LONGEST_ROW ? row_rsp(words, 2) : computed(walk, cfa, cfa - 8, cfa - 16);
}

/* Leaves the interpreter's frame, or goes to the caller that has been found already. */
__attribute__((noinline)) int leave_hotspot(u32 rule) {
    struct walk *walk = this_walk();
    u64 rbp, sp;
    if (!walk) {
        return 1;
    }
    if (rule == INTERPRETED_RULE) {
        if (load_register(walk, REG_RBP, &rbp)) {
            return 1;
        }
        if (read_stack(walk, rbp - 8, &sp)) {
            return finish(walk, END_STACK_UNREADABLE);
        }
        walk->rbp_at = rbp;
        return go_to_caller(walk, sp, rbp + 8);
    }
    const struct caller *caller = &walk->caller;
    walk->rbp_at = caller->rbp_at == NOT_SAVED ? walk->rbp_at : caller->rbp_at;
    if (!caller->return_address) {
        return go_to_caller(walk, caller->sp, caller->return_address_at);
    }
    return enter_caller(walk, caller->return_address, caller->sp);
}

/* The block that an address lies in; 0 where there is none. */
__attribute__((noinline)) u64 find_block(u64 address) {
    struct walk *walk = this_walk();
    const struct hotspot *jvm = walk ? hotspot_of(walk) : 0;
    u64 start = 0, segments = 0;
    if (!jvm) {
        return 0;
    }
    for (int i = 0; i < CODE_HEAPS; i++) {
        const struct code_heap *heap = &jvm->heaps[i];
        if (address - heap->start < heap->end - heap->start) {
            start = heap->start;
            segments = heap->segments;
        }
    }
    u64 shift = jvm->segment_shift & 63, segment = (address - start) >> shift;
    for (int hop = 0; start && hop < MOST_HOPS; hop++) {
        u8 back;
        if (bpf_probe_read_user(&back, 1, (void *)(segments + segment)) || back == FREE_SEGMENT) {
            return 0;
        }
        if (!back) {
            return start + (segment << shift);
        }
        segment -= back;
    }
    return 0;
}

ALWAYS_INLINE s64 field_of(const struct walk *walk, struct blob_field field) {
    u32 shift = (64 - 8 * field.size) & 63;
    return (s64)(*(u64 *)(walk->head + field.offset % BLOB_HEAD_BYTES) << shift) >> shift;
}

/* Reads the head of the block that an address lies in. */
ALWAYS_INLINE u64 read_blob(struct walk *walk, const struct hotspot *jvm, u64 address) {
    u64 block = find_block(address), blob = block + jvm->block_header;
    int readable = block && !bpf_probe_read_user(walk->head, sizeof walk->head, (void *)block);
    return readable && field_of(walk, jvm->used) && address - blob < (u64)field_of(walk, jvm->blob_size) ? blob : 0;
}

/* The caller's rsp, as calls of the interpreter pass it in r13, and as it returns, in rbx. */
ALWAYS_INLINE u64 passed_sp(const struct walk *walk) {
    u64 r13 = walk->registers[REG_R8 + 5];
    return r13 - walk->sp <= MOST_ARGUMENT_BYTES         ? r13
           : walk->rbx - walk->sp <= MOST_ARGUMENT_BYTES ? walk->rbx
                                                         : 0;
}

/* A leaf between a call and the interpreter's frame for it, or in an adapter on the way there; or between that frame's end and its caller:
 * the return address is on the stack, or on its way from one place there to the next in rax or r13. 0 where it is neither.
 */
__attribute__((noinline)) u32 row_of_entry(void) {
    struct walk *walk = this_walk();
    if (!walk || !(walk->registers_read || read_leaf_registers())) {
        return 0;
    }
    u64 sp = walk->sp, passed = passed_sp(walk), r13 = walk->registers[REG_R8 + 5];
    if (returns_behind_call(sp, 0)) {
        return computed(walk, passed > sp ? passed : sp + 8, sp, NOT_SAVED);
    }
    if (returns_behind_call(sp + 8, 0)) {
        return computed(walk, passed > sp + 8 ? passed : sp + 16, sp + 8, sp);
    }
    u64 rax = walk->registers[REG_RAX];
    int behind = r13 - walk->pc + RETURN_ENTRY_BYTES < 2 * RETURN_ENTRY_BYTES; /* r13 is where it has just returned to */
    u64 address = is_return_address(rax) ? rax : !behind && is_return_address(r13) ? r13 : 0;
    walk->caller = (struct caller){passed ?: sp, address, 0, NOT_SAVED};
    return address ? row_rule(COMPUTED_RULE) : 0;
}

/* Where the interpreter runs a method, rbp is its frame, and the word for rsp is 0: only frames that call have one there. */
__attribute__((noinline)) u32 row_in_interpreter(void) {
    struct walk *walk = this_walk();
    u64 rbp, words[2]; /* rsp while it calls, the caller's rsp */
    if (!walk || load_register(walk, REG_RBP, &rbp)) {
        return stop(END_NO_RULE);
    }
    int made = rbp - walk->sp - 8 < MOST_FRAME_BYTES && !bpf_probe_read_user(words, sizeof words, (void *)(rbp - 16)) &&
               words[1] - rbp - 16 < MOST_FRAME_BYTES && returns_behind_call(rbp + 8, 0);
    int calls = made && rbp - walk->sp >= 16 && words[0];
    u32 entry = made && !calls ? 0 : row_of_entry();
    return entry ?: made ? row_rule(INTERPRETED_RULE) : stop(END_NO_RULE);
}

/* A stub's frame, where it has a frame pointer. */
ALWAYS_INLINE u32 row_of_stub(struct walk *walk) {
    int plausible = frame_pointer_plausible(walk, 1);
    walk->guessed += plausible;
    return plausible ? row_frame_pointer() : stop(END_NO_RULE);
}

/* Whether a return address stands on the stack, and another where its frame says, if that is of one size: what a stub has made room for
 * may hold the return addresses of earlier calls.
 */
__attribute__((noinline)) int returns_to_frame(u64 at) {
    struct walk *walk = this_walk();
    const struct hotspot *jvm = walk ? hotspot_of(walk) : 0;
    u64 address;
    if (!jvm || bpf_probe_read_user(&address, 8, (void *)at) || !is_return_address(address)) {
        return 0;
    }
    u64 blob = in_interpreter(jvm, address) ? 0 : read_blob(walk, jvm, address - 1);
    s64 words = blob ? (s32)field_of(walk, jvm->frame_size) : 0;
    return words <= 0 || returns_behind_call(at + 8 * words, 0);
}

/* A leaf in a stub: its return address is below what it has pushed, or it has a frame pointer. */
__attribute__((noinline)) u32 row_in_stub(void) {
    struct walk *walk = this_walk();
    if (!walk) {
        return stop(END_NO_RULE);
    }
    for (u32 i = 0; i < MOST_PUSHED; i++) {
        u64 at = walk->sp + 8 * i;
        if (returns_to_frame(at)) {
            walk->guessed++;
            return walk->rbp == at - 8 ? row_frame_pointer() : row_rsp(i + 1, 0);
        }
    }
    return row_of_stub(walk);
}

#define BYTES_SUB_RSP_8 0xec8348ULL  /* sub $imm8,%rsp: 4 bytes */
#define BYTES_SUB_RSP_32 0xec8148ULL /* sub $imm32,%rsp: 7 bytes */
#define BYTES_ADD_RSP_8 0xc48348ULL
#define BYTES_ADD_RSP_32 0xc48148ULL
#define BYTES_BANG 0x248489ULL       /* mov %eax,-…(%rsp): touches the stack below, as far as callees may need it */
#define BYTES_MOV_RBP_RSP 0xec8b48ULL
#define BYTES_SAVE_RBP_8 0x246c8948ULL /* mov %rbp,imm8(%rsp) */
#define BYTES_SAVE_RBP_32 0x24ac8948ULL
#define BYTES_POLL_8 0x673b49ULL  /* cmp imm8(%r15),%rsp: 4 bytes */
#define BYTES_POLL_32 0xa73b49ULL /* cmp imm32(%r15),%rsp: 7 bytes */
#define BYTES_JA 0x870fULL
#define POP_RBP 0x5d

ALWAYS_INLINE u32 makes_frame(const u8 *at) {
    u64 next = bytes_at(at, 3);
    return is_zero(next ^ BYTES_SUB_RSP_8) | is_zero(next ^ BYTES_SUB_RSP_32) | is_zero(next ^ BYTES_BANG);
}

/* Before the frame is complete. C1, and C2 where the frame may be the stack's last: bang, push %rbp, sub; C2 else: sub, mov %rbp to its place. */
ALWAYS_INLINE u32 row_in_prologue(struct walk *walk, const u8 *at, u64 left, u64 words) {
    if (at[-1] == PUSH_RBP || (at[-4] == PUSH_RBP && bytes_at(at - 3, 3) == BYTES_MOV_RBP_RSP)) {
        return row_rsp(2, 2);
    }
    if (bytes_at(at, 4) == BYTES_SAVE_RBP_8 || bytes_at(at, 4) == BYTES_SAVE_RBP_32) {
        u64 cfa = walk->sp + 8 * words;
        return computed(walk, cfa, cfa - 8, NOT_SAVED);
    }
    u32 before = *at == PUSH_RBP || left > CODE_AFTER;
    for (u32 i = 0; i < CODE_AFTER - 3; i++) {
        before |= i < left ? makes_frame(at + i) : 0;
    }
    return before ? row_rsp(1, 0) : row_of_frame(walk, words);
}

/* A whole frame, on which C2 may have pushed registers for a while: comparing strings takes one more than it has. */
ALWAYS_INLINE u32 row_of_leaf(struct walk *walk, u64 words) {
    for (u32 pushed = 0; pushed < MOST_ON_TOP; pushed++) {
        if (returns_behind_call(walk->sp + 8 * (words + pushed - 1), 0)) {
            return row_of_frame(walk, words + pushed);
        }
    }
    return row_of_frame(walk, words);
}

/* After that: the frame is whole up to add, and gone behind pop %rbp, where a poll of a safepoint may come before ret. */
ALWAYS_INLINE u32 row_in_body(struct walk *walk, const u8 *at, u64 words) {
    u64 next = bytes_at(at, 3);
    int added = bytes_at(at - 4, 3) == BYTES_ADD_RSP_8 || bytes_at(at - 7, 3) == BYTES_ADD_RSP_32;
    int popped = at[-1] == POP_RBP && (bytes_at(at - 5, 3) == BYTES_ADD_RSP_8 || bytes_at(at - 8, 3) == BYTES_ADD_RSP_32);
    int polled = bytes_at(at, 2) == BYTES_JA && (bytes_at(at - 4, 3) == BYTES_POLL_8 || bytes_at(at - 7, 3) == BYTES_POLL_32);
    if (*at == RET || next == BYTES_POLL_8 || next == BYTES_POLL_32 || popped || polled) {
        return row_rsp(1, 0);
    }
    return *at == POP_RBP && added ? row_rsp(2, 2) : row_of_leaf(walk, words);
}

/* A leaf in code that makes a frame of a known size; 0 where it seems to be neither there nor not there. */
__attribute__((noinline)) u32 row_in_compiled(u64 words, u64 position, s64 complete) {
    struct walk *walk = this_walk();
    if (!walk || bpf_probe_read_user(walk->code, CODE_BEFORE + CODE_AFTER, (void *)(walk->pc - CODE_BEFORE))) {
        return stop(END_BAD_CODE);
    }
    const u8 *at = walk->code + CODE_BEFORE;
    if (complete >= 0 && position >= (u64)complete) {
        return row_in_body(walk, at, words);
    }
    u32 row = complete < 0 ? row_of_frame(walk, words) : row_in_prologue(walk, at, complete - position, words);
    u64 cfa = row >> ROW_OP_SHIFT == ROW_RSP ? walk->sp + 8 * (row >> ROW_CFA_SHIFT & ROW_CFA_MASK) : walk->caller.sp;
    return returns_behind_call(cfa - 8, 0) ? row : 0;
}

/* Where a virtual thread's frames were moved back to the stack only in part, the last of them returns to a stub, which fetches the rest: the
 * address is no call's. On the stack, the carrier's frames come next: those of the JVM's entry, and its callers. Those that are still in
 * the heap are missing in between.
 */
ALWAYS_INLINE u32 row_of_continuation(struct walk *walk, const struct hotspot *jvm) {
    u64 entry;
    if (!jvm->continuation_return_at || is_return_address(walk->pc + 1) ||
        bpf_probe_read_user(&entry, 8, (void *)jvm->continuation_return_at) || !read_blob(walk, jvm, entry)) {
        return 0;
    }
    u64 words = field_of(walk, jvm->frame_size), cfa = walk->sp + 8 * words;
    if (words > LONGEST_ROW || !returns_behind_call(cfa - 8, 0)) {
        return 0;
    }
    walk->pc = entry - 1;
    walk->unsure = 1;
    return computed(walk, cfa, cfa - 8, cfa - 16);
}

ALWAYS_INLINE u32 row_of_blob(struct walk *walk, const struct hotspot *jvm, u64 blob) {
    s64 words = (s32)field_of(walk, jvm->frame_size), code = field_of(walk, jvm->code);
    if (words > 0) {
        u64 begin = jvm->code.size == 8 ? (u64)code : blob + code;
        s64 complete = field_of(walk, jvm->frame_complete);
        return walk->exact ? row_in_compiled(words, walk->pc - begin, complete) ?: row_in_stub() : row_of_frame(walk, words);
    }
    if (!walk->exact) {
        return row_of_continuation(walk, jvm) ?: row_of_stub(walk);
    }
    u32 letters = 0;
    bpf_probe_read_user(&letters, sizeof letters, (void *)field_of(walk, jvm->name));
    return (letters == I2C_C2I ? row_of_entry() : 0) ?: row_in_stub();
}

/* The row for an address in a JVM's code cache, 0 for all others. */
__attribute__((noinline)) u32 row_of_hotspot(void) {
    struct walk *walk = this_walk();
    const struct hotspot *jvm = walk ? hotspot_of(walk) : 0;
    if (!jvm) {
        return 0;
    }
    if (in_interpreter(jvm, walk->pc)) {
        return walk->exact ? row_in_interpreter() : row_rule(INTERPRETED_RULE);
    }
    if (!walk->exact && walk->pc + 1 == jvm->call_stub_return) {
        return row_frame_pointer() | 9; /* rbx lies at rbp - 56 */
    }
    u64 blob = read_blob(walk, jvm, walk->pc);
    return blob ? row_of_blob(walk, jvm, blob) : 0;
}
