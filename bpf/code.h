/* Code that no table describes, recognised by its bytes: CPython's perf trampoline, libffi's closures, a bare sigreturn.
 *
 *   sub form (3.12, 3.13.0-5)         push form (3.13.6 and later)
 *   [f3 0f 1e fa]  endbr64            [f3 0f 1e fa]  endbr64             return address and rbp while there
 *    48 83 ec 08   sub  $8,%rsp        55            push %rbp           at [rsp]
 *                                      48 89 e5      mov  %rsp,%rbp      at [rsp+8], rbp at [rsp]
 *    ff d1         call *%rcx          ff d1         call *%rcx          at [rsp+8] (push form: rbp at [rsp])
 *    48 83 c4 08   add  $8,%rsp        5d            pop  %rbp           the same
 *    c3            ret                 c3            ret                 at [rsp]
 *
 * Each is an ordinary row: CFA = rsp + 8 or rsp + 16. (Python/asm_trampoline.S of CPython.)
 */
#pragma once
#include "tables.h"

/* The user registers of the current task, wherever the sample hit it. */
ALWAYS_INLINE struct pt_regs *user_registers(void) { return bpf_task_pt_regs(bpf_get_current_task_btf()); }

enum { CODE_BEFORE = 8, CODE_AFTER = 24 }; /* bytes of walk.code before and after the address */

/* The first bytes; what lies behind them may be looked at, but does not count. */
ALWAYS_INLINE u64 bytes_at(const u8 *code, u32 size) {
    return *(const u64 *)code & (~0ULL >> (64 - 8 * size));
}

#define SUB_RSP_8 0x08ec8348ULL
#define ADD_RSP_8_RET 0xc308c48348ULL
#define PUSH_MOV 0xe5894855ULL
#define MOV_RBP_RSP 0xe58948ULL
#define MOV_RBP_RSP_LOAD 0xec8b48ULL /* the same in its other form */
#define PUSH_RBP 0x55
#define RET 0xc3
#define CALL_RCX 0xd1ffULL
#define POP_RET 0xc35dULL
#define ENDBR64 0xfa1e0ff3ULL
#define FFI_SUB_RSP_16 0x10ec8348ULL
#define FFI_SAVE_R10 0x2414894cULL      /* mov %r10,(%rsp) */
#define FFI_LOAD_R10 0x158b4cULL        /* mov …(%rip),%r10; 7 bytes */
#define FFI_STORE_DATA 0x082454894cULL  /* mov %r10,8(%rsp) */
#define FFI_JUMP_R10 0xe2ff41ULL        /* jmp *%r10 */
#define SYSCALL_TEST_JL 0x7cc08548050fULL /* syscall; test %rax,%rax; first byte of jl */
#define JE 0x74
#define SIGRETURN 0x0f0000000fc0c748ULL /* mov $15,%rax; first byte of syscall */

/* A return address: only one place in a trampoline calls. 0 where it is none. */
ALWAYS_INLINE u32 row_after_call(const u8 *at) {
    u64 before = bytes_at(at - 2, 2);
    if (before == CALL_RCX && bytes_at(at, 5) == ADD_RSP_8_RET) {
        return row_rsp(2, 0);
    }
    if (before == CALL_RCX && bytes_at(at, 2) == POP_RET) {
        return row_rsp(2, 2);
    }
    return bytes_at(at, 8) == SIGRETURN ? ROW_RULE << ROW_OP_SHIFT | SIGNAL_RULE : 0;
}

/* libffi's static trampolines (x86/unix64.S, trampoline_code_table), which are mapped away from their CFI: after
 * sub $16,%rsp comes mov %r10,(%rsp), mov data(%rip),%r10, mov %r10,8(%rsp), mov code(%rip),%r10, jmp *%r10.
 */
ALWAYS_INLINE u32 row_in_closure(const u8 *at) {
    const u8 *body = bytes_at(at, 4) == ENDBR64 ? at + 4 : at;
    if (bytes_at(body, 4) == FFI_SUB_RSP_16 && bytes_at(body + 4, 4) == FFI_SAVE_R10) {
        return row_rsp(1, 0);
    }
    u64 next3 = bytes_at(at, 3), loaded = bytes_at(at - 7, 3);
    int saves = bytes_at(at, 4) == FFI_SAVE_R10 && bytes_at(at - 4, 4) == FFI_SUB_RSP_16;
    int loads = next3 == FFI_LOAD_R10 && (bytes_at(at - 4, 4) == FFI_SAVE_R10 || bytes_at(at - 5, 5) == FFI_STORE_DATA);
    int leaves = loaded == FFI_LOAD_R10 && (next3 == FFI_JUMP_R10 || bytes_at(at, 5) == FFI_STORE_DATA);
    return saves || loads || leaves ? row_rsp(3, 0) : 0;
}

/* Any instruction of a trampoline, for the leaf. */
ALWAYS_INLINE u32 row_in_trampoline(const u8 *at) {
    const u8 *body = bytes_at(at, 4) == ENDBR64 ? at + 4 : at;
    if (bytes_at(body, 4) == SUB_RSP_8 && bytes_at(body + 4, 2) == CALL_RCX) {
        return row_rsp(1, 0);
    }
    if (bytes_at(body, 4) == PUSH_MOV && bytes_at(body + 4, 2) == CALL_RCX) {
        return row_rsp(1, 0);
    }
    if (bytes_at(at, 3) == MOV_RBP_RSP && bytes_at(at + 3, 2) == CALL_RCX && bytes_at(at + 5, 2) == POP_RET) {
        return row_rsp(2, 2);
    }
    if (bytes_at(at, 2) == CALL_RCX) {
        return bytes_at(at + 2, 2) == POP_RET ? row_rsp(2, 2) : bytes_at(at + 2, 5) == ADD_RSP_8_RET ? row_rsp(2, 0) : 0;
    }
    if (*at == 0xc3 && bytes_at(at - 4, 5) == ADD_RSP_8_RET) {
        return row_rsp(1, 0);
    }
    if (*at == 0xc3 && bytes_at(at - 3, 2) == CALL_RCX && at[-1] == 0x5d) {
        return row_rsp(1, 0);
    }
    return row_after_call(at);
}

/* Fills walk->code with what is around an address, of its own page only: the first trampoline of an arena has nothing before
 * it. Bytes of other pages read as 0.
 */
ALWAYS_INLINE int read_code(struct walk *walk, u64 address) {
    u32 in_page = address & 0xfff, before = in_page < CODE_BEFORE ? in_page : CODE_BEFORE;
    u32 after = 4096 - in_page < CODE_AFTER ? 4096 - in_page : CODE_AFTER;
    __builtin_memset(walk->code, 0, sizeof walk->code);
    return bpf_probe_read_user(walk->code + (CODE_BEFORE - before), before + after, (void *)(address - before)) != 0;
}

/* The row for an address outside every table; 0 where the code is not known either. */
__attribute__((noinline)) u32 row_of_code(void) {
    struct walk *walk = this_walk();
    if (!walk) {
        return 0;
    }
    u64 address = walk->exact ? walk->pc : walk->pc + 1;
    if (read_code(walk, address)) {
        return stop(END_BAD_CODE);
    }
    const u8 *at = walk->code + CODE_BEFORE;
    if (!walk->exact) {
        return row_after_call(at);
    }
    return row_in_trampoline(at) ?: row_in_closure(at);
}

#define MOV_RSP_RBP_POP 0x5de58b48U

/* 1 where they are the same; without a branch, as all that looks at each of many bytes. */
ALWAYS_INLINE u32 same(u32 one, u32 other) { return ((u64)(one ^ other) - 1) >> 63; }

ALWAYS_INLINE u32 holds_bytes(const u8 *in, u32 size, u32 wanted) {
    u32 found = 0;
    for (u32 i = 0; i + 4 <= size; i++) {
        found |= same(*(const u32 *)(in + i), wanted);
    }
    return found;
}

/* Where a leaf is in code that keeps a frame pointer in each function. */
enum { IN_FRAME, FRAME_HALF_MADE, OUTSIDE_FRAME, FRAME_TAKEN_DOWN };

/* Makes none yet: push %rbp; mov %rsp,%rbp comes soon; or returns with the next instruction; or has taken it down a few instructions before:
 * mov %rbp,%rsp; pop %rbp.
 */
__attribute__((noinline)) u32 place_in_frame(void) {
    struct walk *walk = this_walk();
    if (!walk || read_code(walk, walk->pc)) {
        return IN_FRAME;
    }
    const u8 *at = walk->code + CODE_BEFORE;
    if (at[-1] == 0x55 && bytes_at(at, 3) == MOV_RBP_RSP) {
        return FRAME_HALF_MADE;
    }
    if (at[0] == 0xc3 || at[0] == 0xc2 || holds_bytes(at, CODE_AFTER, PUSH_MOV)) {
        return OUTSIDE_FRAME;
    }
    int unknown = bpf_probe_read_user(walk->code, sizeof walk->code, (void *)(walk->pc - sizeof walk->code)) != 0;
    return !unknown && holds_bytes(walk->code, sizeof walk->code, MOV_RSP_RBP_POP) ? FRAME_TAKEN_DOWN : IN_FRAME;
}

/* exit(main(…)): behind the call comes mov %eax,%edi and another. */
ALWAYS_INLINE int exits(struct walk *walk) {
    u64 next = 0;
    bpf_probe_read_user(&next, 3, (void *)(walk->pc + 1));
    return next == 0xe8c789;
}

ALWAYS_INLINE int tests_clone(const u8 *behind) { return bytes_at(behind - 2, 6) == SYSCALL_TEST_JL && behind[5] == JE; }

/* Whether an instruction comes next that looks at what clone has returned: test, jl or je. (glibc, x86_64/clone.S, clone3.S) */
ALWAYS_INLINE int tells_child(struct walk *walk) {
    const u8 *at = walk->code + CODE_BEFORE;
    return !read_code(walk, walk->pc) && (tests_clone(at) || tests_clone(at - 3) || tests_clone(at - 5));
}
