/* The stack walk: one frame a step, over the tables; ends with a reason, always. */
#pragma once
#include "cache.h"
#include "made.h"

const volatile struct sampler_config config = {};

enum { MODE_AUTO, MODE_DWARF, MODE_FP };

#define NOT_CALLED (~0ULL)

enum {
    ORDINARY_FRAMES = 8,      /* passed at once; the verifier looks at each */
    LAST_WORDS = 64,          /* bytes up to a stack's end, in which its first return address lies */
    FIRST_FRAMES = 512,       /* bytes of the frames between the kernel's and main's, where libc makes them */
    LARGEST_FRAME = 1 << 20,  /* bytes, where rbp is guessed to be a frame pointer */
    LARGEST_FUNCTION = 1 << 16,
    MOST_LOOKED_AT = 256,     /* words of a frame */
    CALL_RELATIVE = 0xe8,
    JUMP_RELATIVE = 0xe9,
    JUMP_RIP_RELATIVE = 0x25ff,
    BND = 0xf2,
    MOST_JUMPS = 3,           /* from where a call leads to its callee */
    KEPT_BY_CALLS = 1 << REG_RBX | 1 << REG_RBP | 1 << REG_RSP, /* of the registers that a walk follows */
    CALLED = 0,               /* of a return address: its call leads to the frame's code, or may */
    CALLED_ELSEWHERE = WALK_END_COUNT,
    CALLED_BY_NOBODY,         /* it is 0 */
};

/* A word of the user stack, through a window that reaches from just below the address to the end of its page: a walk goes
 * upwards, so most words lie in the window already.
 */
ALWAYS_INLINE int read_stack(struct walk *walk, u64 address, u64 *value) {
    u64 at = address % STACK_WINDOW, line = address & ~63ULL;
    if (at > STACK_WINDOW - 8) {
        return bpf_probe_read_user(value, 8, (void *)address) != 0;
    }
    if (address - walk->window_start >= walk->window_size) {
        u32 from = line % STACK_WINDOW, size = STACK_WINDOW - from;
        walk->window_size = 0; /* what fails leaves zeros behind */
        if (address < walk->sp || bpf_probe_read_user(walk->window + from, size, (void *)line)) {
            return bpf_probe_read_user(value, 8, (void *)address) != 0;
        }
        walk->window_start = line;
        walk->window_size = size;
    }
    *value = *(u64 *)(walk->window + at);
    return 0;
}

ALWAYS_INLINE int finish(struct walk *walk, u32 end) {
    walk->end = end;
    return 1;
}

/* The value of a callee-saved register in this frame. */
ALWAYS_INLINE int load_saved(struct walk *walk, u64 *value, u64 *at) {
    if (*at == VALUE_UNKNOWN) {
        return finish(walk, END_UNKNOWN_REGISTER);
    }
    if (*at != NOT_SAVED && read_stack(walk, *at, value)) {
        return finish(walk, END_STACK_UNREADABLE);
    }
    *at = NOT_SAVED;
    return 0;
}

/* All but those that enter_exact has taken. */
__attribute__((noinline)) int read_leaf_registers(void) {
    struct walk *walk = this_walk();
    const struct pt_regs *regs = user_registers();
    if (!walk) {
        return 0;
    }
    u64 *to = walk->registers;
    to[REG_RAX] = regs->rax;
    to[REG_RDX] = regs->rdx;
    to[REG_RCX] = regs->rcx;
    to[REG_RSI] = regs->rsi;
    to[REG_RDI] = regs->rdi;
    to[REG_R8] = regs->r8;
    to[REG_R8 + 1] = regs->r9;
    to[REG_R8 + 2] = regs->r10;
    to[REG_R8 + 3] = regs->r11;
    to[REG_R8 + 4] = regs->r12;
    to[REG_R8 + 5] = regs->r13;
    to[REG_R8 + 6] = regs->r14;
    to[REG_R8 + 7] = regs->r15;
    walk->registers_read = 1;
    return 1;
}

/* Whether the frame that is being left was called by an exact one, which may have left registers alone that calls need not preserve. */
ALWAYS_INLINE int is_tentative(const struct walk *walk) { return !walk->exact && walk->user_frames == walk->exact_at + 2; }

ALWAYS_INLINE int load_register(struct walk *walk, u32 number, u64 *value) {
    if (number == REG_RSP) {
        *value = walk->sp;
        return 0;
    }
    if (number == REG_RBP || number == REG_RBX) {
        int failed = number == REG_RBP ? load_saved(walk, &walk->rbp, &walk->rbp_at)
                                       : load_saved(walk, &walk->rbx, &walk->rbx_at);
        *value = number == REG_RBP ? walk->rbp : walk->rbx;
        return failed;
    }
    if (!(walk->exact || is_tentative(walk)) || number >= REGISTERS || !(walk->registers_read || read_leaf_registers())) {
        return finish(walk, END_UNKNOWN_REGISTER);
    }
    *value = walk->registers[number];
    return 0;
}

/* Starts the walk, or goes on behind a signal frame. */
ALWAYS_INLINE void enter_exact(struct walk *walk, u64 pc, u64 sp, u64 rbp, u64 rbx) {
    walk->exact = 1;
    walk->exact_at = walk->user_frames;
    walk->pc = pc;
    walk->sp = sp;
    walk->rbp = rbp;
    walk->rbp_at = NOT_SAVED;
    walk->rbx = rbx;
    walk->rbx_at = NOT_SAVED;
}

ALWAYS_INLINE int enter_caller(struct walk *walk, u64 return_address, u64 sp) {
    walk->pc = return_address - 1;
    walk->sp = sp;
    walk->exact = 0;
    return 0;
}

static long take_end(struct task_struct *task, struct vm_area_struct *vma, u64 *end) {
    (void)task;
    *end = vma->vm_end;
    return 0;
}

/* Where the stack's mapping ends: what follows without a gap is none of it. All there is where another holds the lock. */
ALWAYS_INLINE u64 stack_end(u64 sp) {
    u64 end = ~0ULL;
    bpf_find_vma(bpf_get_current_task_btf(), sp, take_end, &end, 0);
    return end;
}

/* Where the process's first thread began its stack; 0 where it has none any more. */
ALWAYS_INLINE u64 first_stack(void) {
    struct mm_struct *mm = bpf_get_current_task_btf()->mm;
    return mm ? mm->start_stack : 0;
}

__attribute__((noinline)) int newborn_thread(void);

/* 0 stands where a return address should. The stack begins there where rbp is 0 too (System V psABI, 3.4.1), or where its memory
 * ends, or where the thread is new; else a rule has led to a word that no call has put there.
 */
__attribute__((noinline)) int end_at_zero(u64 at) {
    struct walk *walk = this_walk();
    u64 rbp;
    if (!walk) {
        return 1;
    }
    int begins = !load_register(walk, REG_RBP, &rbp) && !rbp;
    return finish(walk, begins || stack_end(at) - at <= LAST_WORDS || newborn_thread() ? END_OF_STACK : END_ZERO_RETURN);
}

/* A chain of frame pointers ends with 0 (System V psABI, 3.4.1). The leaf's rbp may be anything. */
ALWAYS_INLINE int ends_chain(const struct walk *walk, u64 cfa) {
    return config.unwind_mode == MODE_FP && cfa == 16 && !walk->exact;
}

/* The frame's caller: return address at `ra_at`, stack pointer = CFA. A leaf may have no frame and its return address below rsp. */
ALWAYS_INLINE int go_to_caller(struct walk *walk, u64 cfa, u64 ra_at) {
    u64 return_address;
    if (cfa < walk->sp + !walk->exact) {
        return finish(walk, ends_chain(walk, cfa) ? END_OF_STACK : END_NOT_ADVANCING);
    }
    if (read_stack(walk, ra_at, &return_address)) {
        return finish(walk, END_STACK_UNREADABLE);
    }
    if (!return_address) {
        return end_at_zero(ra_at);
    }
    return enter_caller(walk, return_address, cfa);
}

/* 1 where all bits are 0; without a branch, each of which would double what the verifier has to look at. */
ALWAYS_INLINE u32 is_zero(u32 bits) { return (bits - 1) >> 31; }

/* call through a register or memory: opcode ff with ModRM /2, 2 to 7 bytes before the end. */
ALWAYS_INLINE u32 ends_with_indirect_call(const u8 *end) {
    u32 found = 0;
    for (int length = 2; length <= 7; length++) {
        found |= is_zero((end[-length] ^ 0xff) | ((end[1 - length] & 0x38) ^ 0x10));
    }
    return found;
}

/* Likewise, or call rel32. */
ALWAYS_INLINE u32 ends_with_call(const u8 *end) { return is_zero(end[-5] ^ CALL_RELATIVE) | ends_with_indirect_call(end); }

/* Where a return address is guessed it must lead behind a call, or to where HotSpot's interpreter, which jumps, has its callees return. */
__attribute__((noinline)) int is_return_address(u64 address) {
    struct walk *walk = this_walk();
    if (!walk || !address) {
        return 0;
    }
    const struct hotspot *jvm = hotspot_of(walk);
    return (jvm && in_interpreter(jvm, address)) ||
           (!bpf_probe_read_user(walk->code, 8, (void *)(address - 8)) && ends_with_call(walk->code + 8));
}

/* Where frame pointers lead, 0 may end the stack; what rsp points at may be any variable. */
__attribute__((noinline)) int returns_behind_call(u64 at, u32 may_end) {
    u64 address;
    if (bpf_probe_read_user(&address, 8, (void *)at)) {
        return 0;
    }
    return address ? is_return_address(address) : may_end;
}

/* Whether rbp may be a frame pointer. */
ALWAYS_INLINE int frame_pointer_plausible(struct walk *walk, u32 may_end) {
    u64 rbp;
    return !load_register(walk, REG_RBP, &rbp) && rbp >= walk->sp && rbp - walk->sp <= LARGEST_FRAME && !(rbp & 7) &&
           returns_behind_call(rbp + 8, may_end);
}

/* From where a call leads to, by the instruction before the return address that was looked at last, to the frame's code. */
ALWAYS_INLINE u64 distance_from_call(const struct walk *walk, u64 return_address) {
    u64 distance = walk->pc - (return_address + *(const s32 *)(walk->code + 4));
    return walk->code[3] == CALL_RELATIVE && distance <= LARGEST_FUNCTION ? distance : NOT_CALLED;
}

/* Whether a table has a rule for what would return to an address. */
ALWAYS_INLINE int is_described(u64 address) {
    u32 row = row_at(address - 1);
    return row && row >> ROW_OP_SHIFT != ROW_STOP;
}

/* Whether a word of the stack is a return address: of those at walk->sp and above, the one of this number. */
static long find_return_address(u32 number, void *context) {
    (void)context;
    struct walk *walk = this_walk();
    u64 word;
    if (!walk) {
        return 1;
    }
    int readable = !bpf_probe_read_user(&word, 8, (void *)(walk->sp + 8 * (u64)number));
    int counts = readable && (walk->described_only ? is_described(word) : may_be_code(walk->pc, word));
    walk->jumped = counts && is_return_address(word) && !(walk->described_only && walk->code[3] == CALL_RELATIVE) &&
                   (walk->called == NOT_CALLED || distance_from_call(walk, word) < walk->called);
    return walk->jumped;
}

/* How near the frame's caller calls code of a file that keeps a frame pointer. Code that is made at run time may do as it likes, each piece. */
ALWAYS_INLINE u64 called_by(const struct walk *walk, u64 return_address_at, u32 rule) {
    u64 return_address = 0, code = 0;
    bpf_probe_read_user(&return_address, 8, (void *)return_address_at);
    u64 distance = distance_from_call(walk, return_address);
    bpf_probe_read_user(&code, 8, (void *)(walk->pc - distance));
    int keeps = (u32)code == PUSH_MOV || ((u32)code == ENDBR64 && code >> 32 == PUSH_MOV);
    return keeps && rule != stop(END_NO_MAPPING) ? distance : NOT_CALLED;
}

/* Whether one of the words of a frame that ends at rbp is a return address that counts; of a large one it may be. */
__attribute__((noinline)) int holds_return_address(u64 rbp, u32 described_only) {
    struct walk *walk = this_walk();
    if (!walk || rbp - walk->sp > 8 * MOST_LOOKED_AT) {
        return 1;
    }
    walk->described_only = described_only;
    walk->jumped = 0;
    bpf_loop((rbp - walk->sp) / 8, find_return_address, 0, 0);
    return walk->jumped;
}

/* Whether a frame that ends at rbp may be several: each but the last would have left its return address between rsp and rbp. What was left
 * there by calls that have returned looks the same; but if the caller calls what keeps a frame pointer, near to the frame's code, only calls that
 * lead nearer count.
 */
ALWAYS_INLINE int may_be_several(struct walk *walk, u64 rbp, u32 rule) {
    walk->called = called_by(walk, rbp + 8, rule);
    return holds_return_address(rbp, 0);
}

/* Code that nothing describes, where the stack begins: near to where the kernel began it, what libc calls main from; elsewhere rbp is 0
 * (System V psABI, 3.4.1), which may be by chance.
 */
ALWAYS_INLINE u32 first_frame(struct walk *walk, u32 rule) {
    u64 rbp;
    if (walk->exact) {
        return rule;
    }
    int near = first_stack() - walk->sp <= FIRST_FRAMES, none = !load_register(walk, REG_RBP, &rbp) && !rbp;
    if (near && (none || exits(walk))) {
        return stop(END_OF_STACK);
    }
    if (!none || rule == stop(END_NO_RULE)) {
        return rule;
    }
    walk->unsure = 1;
    return stop(END_OF_STACK);
}

/* Code in no mapping may be a library that has just been loaded: then user space walks on, and need not guess. */
ALWAYS_INLINE int may_be_mapped_by_now(const struct walk *walk) {
    return config.copy_mode == COPY_UNKNOWN_CODE && !(walk->process.flags & PROCESS_MAKES_CODE);
}

ALWAYS_INLINE int makes_code(const struct walk *walk) {
    return walk->process.flags & PROCESS_MAKES_CODE || walk->process.hotspot;
}

/* Whether the word at an address of the stack leads to code: into a file, or to what the process has made. Data may have bytes before it that
 * look like a call. What has been made itself may be called by any.
 */
__attribute__((noinline)) int leads_to_code(u64 at) {
    struct walk *walk = this_walk();
    u64 address;
    if (!walk || bpf_probe_read_user(&address, 8, (void *)at)) {
        return 0;
    }
    return !address || makes_code(walk) || is_mapped(address - 1) || !is_mapped(walk->pc);
}

/* By the frame pointer. In a gap of a table, where much is assembly that uses rbp for whatever it likes, only as far as can be checked. */
__attribute__((noinline)) u32 guess_by_frame_pointer(u32 rule) {
    struct walk *walk = this_walk();
    if (!walk) {
        return rule;
    }
    if (!frame_pointer_plausible(walk, rule != stop(END_NO_RULE))) {
        return first_frame(walk, rule);
    }
    if (!leads_to_code(walk->rbp + 8)) {
        return may_be_mapped_by_now(walk) ? stop(END_NO_MAPPING) : rule;
    }
    int several = !(walk->process.flags & PROCESS_FRAME_POINTERS) && may_be_several(walk, walk->rbp, rule);
    if (rule == stop(END_NO_RULE) && several) {
        return rule;
    }
    walk->unsure |= several;
    return row_frame_pointer();
}

/* A leaf that has pushed nothing yet, such as a closure of libffi, returns to what rsp points at; surely where that is behind a call which
 * leads here. 0 where it has.
 */
__attribute__((noinline)) u32 guess_of_leaf(void) {
    struct walk *walk = this_walk();
    if (!walk || !walk->exact || !returns_behind_call(walk->sp, 0)) {
        return 0;
    }
    if (!leads_to_code(walk->sp)) {
        return may_be_mapped_by_now(walk) ? stop(END_NO_MAPPING) : 0;
    }
    u64 address = 0;
    bpf_probe_read_user(&address, 8, (void *)walk->sp);
    walk->unsure |= distance_from_call(walk, address) == NOT_CALLED;
    return row_rsp(1, 0);
}

/* ucontext of rt_sigreturn: uc_flags 8, uc_link 8, uc_stack 24, then the registers in this order
 * (arch/x86/include/uapi/asm/sigcontext.h): r8-r15 rdi rsi rbp rbx rdx rax rcx rsp rip.
 */
__attribute__((noinline)) int leave_signal_frame(void) {
    struct walk *walk = this_walk();
    u64 saved[17];
    if (!walk) {
        return 1;
    }
    if (bpf_probe_read_user(saved, sizeof saved, (void *)(walk->sp + 40))) {
        return finish(walk, END_STACK_UNREADABLE);
    }
    for (int i = 0; i < 8; i++) {
        walk->registers[REG_R8 + i] = saved[i];
    }
    walk->registers[REG_RDI] = saved[8];
    walk->registers[REG_RSI] = saved[9];
    walk->registers[REG_RDX] = saved[12];
    walk->registers[REG_RAX] = saved[13];
    walk->registers[REG_RCX] = saved[14];
    walk->registers_read = 1;
    enter_exact(walk, saved[16], saved[15], saved[10], saved[11]);
    return 0;
}

/* Whether there is no more at an address than a jump, or some one after the other, to the frame's code or not far before it: entries of a
 * procedure linkage table (jmp *rel32(%rip), behind endbr64 and with bnd or without), and of what chooses among routines.
 */
__attribute__((noinline)) int jumps_to_frame(u64 to) {
    struct walk *walk = this_walk();
    for (int i = 0; walk && i < MOST_JUMPS; i++) {
        if (bpf_probe_read_user(walk->code, 16, (void *)to)) {
            return 0;
        }
        u32 at = *(u32 *)walk->code == ENDBR64 ? 4 : 0;
        at += walk->code[at] == BND;
        const u8 *jump = walk->code + at;
        if (*(u16 *)jump == JUMP_RIP_RELATIVE) {
            if (bpf_probe_read_user(&to, 8, (void *)(to + at + 6 + *(s32 *)(jump + 2)))) {
                return 0;
            }
        } else if (*jump == JUMP_RELATIVE) {
            to += at + 5 + *(s32 *)(jump + 1);
        } else {
            return 0;
        }
        if (walk->pc - to <= LARGEST_FUNCTION) {
            return 1;
        }
    }
    return 0;
}

/* Whether code that the process has made may run in the frame of what begins at an address: that has one frame throughout, as LuaJIT's
 * interpreter, and jumps wherever it likes.
 */
ALWAYS_INLINE int is_interpreter(const struct walk *walk, u64 function) {
    u32 row = row_at(function);
    if (row >> ROW_OP_SHIFT != ROW_RULE || is_mapped(walk->pc)) {
        return 0;
    }
    const struct unwind_rule *rule = dictionary_rule(row & ROW_ARGUMENT_MASK);
    if (!rule) {
        return 0;
    }
    return rule->cfa_op == CFA_SHARED;
}

/* What a rule that is derived makes the word at an address of the stack: a return address must be in code and behind a call. Where that says
 * whom it calls, it must be the frame's code, or CALLED_ELSEWHERE: another function that has jumped here. Near to the stack's beginning
 * nothing can be between it and what the kernel has begun. Else what the walk ends with.
 */
__attribute__((noinline)) u32 check_caller(u64 at) {
    struct walk *walk = this_walk();
    u64 address;
    if (!walk || bpf_probe_read_user(&address, 8, (void *)at)) {
        return END_STACK_UNREADABLE;
    }
    walk->code[3] = 0;
    if (!address) {
        return CALLED_BY_NOBODY;
    }
    if (!is_return_address(address)) {
        return END_NOT_CALLED;
    }
    u64 target = address + *(const s32 *)(walk->code + 4);
    int direct = walk->code[3] == CALL_RELATIVE && !ends_with_indirect_call(walk->code + 8);
    if (direct && walk->pc - target <= LARGEST_FUNCTION) {
        return CALLED;
    }
    if (!is_mapped(address - 1) && !makes_code(walk)) {
        return may_be_mapped_by_now(walk) ? END_NO_MAPPING : END_NOT_CALLED;
    }
    if (!direct || jumps_to_frame(target)) {
        return CALLED;
    }
    if (!is_mapped(target) && !makes_code(walk)) {
        return END_NOT_CALLED;
    }
    walk->callee = target;
    int begins = first_stack() - walk->sp <= FIRST_FRAMES && row_at(address - 1) == stop(END_OF_STACK);
    return begins || is_interpreter(walk, target) ? CALLED : CALLED_ELSEWHERE;
}

/* Ends the walk where a derived rule has led to no caller; 0 is left to who looks for the stack's end. Where each function
 * keeps a frame, one that was called and has jumped to another is none that is missing; nor is one that has only jumped.
 */
ALWAYS_INLINE int refuses_caller(struct walk *walk, u64 at, u32 own_frame) {
    u32 found = check_caller(at);
    walk->unsure |= found == CALLED_ELSEWHERE && !own_frame && !callee_leads_here();
    return found != CALLED && found < WALK_END_COUNT && finish(walk, found);
}

/* Whether an exact frame of code that keeps frame pointers has rbp from its caller still, or again: words up to its CFA, else 0. */
ALWAYS_INLINE u32 words_without_frame(struct walk *walk) {
    const u8 *at = walk->code + CODE_BEFORE;
    if (read_code(walk, walk->pc)) {
        return 0;
    }
    u32 next = *(u32 *)at;
    if (*at == PUSH_RBP || *at == RET || next == ENDBR64) {
        return 1;
    }
    return at[-1] == PUSH_RBP && ((next & 0xffffff) == MOV_RBP_RSP || (next & 0xffffff) == MOV_RBP_RSP_LOAD) ? 2 : 0;
}

/* To the caller of a frame of so many words, or 0: the one that rbp points to. */
ALWAYS_INLINE int leave_kept_frame(struct walk *walk, u32 words) {
    if (!words && !frame_pointer_plausible(walk, 0)) {
        return finish(walk, END_NOT_CALLED);
    }
    u64 cfa = words ? walk->sp + 8 * words : walk->rbp + 16;
    walk->rbp_at = words == 1 ? walk->rbp_at : cfa - 16;
    return refuses_caller(walk, cfa - 8, !walk->exact) || go_to_caller(walk, cfa, cfa - 8);
}

/* Whether the word at rsp is a leaf's return address for certain: it returns to code of the same kind, as handlers of V8's bytecodes do; or the
 * call before it leads here, or the leaf makes its frame soon or returns, and what has called it has a frame: its own return address is not next.
 */
ALWAYS_INLINE int is_surely_on_top(struct walk *walk, u32 index) {
    u64 address = 0;
    bpf_probe_read_user(&address, 8, (void *)walk->sp);
    if (row_at(address - 1) == row_rule(index)) {
        return 1;
    }
    int called = is_return_address(address) && distance_from_call(walk, address) != NOT_CALLED;
    return (called || place_in_frame() == OUTSIDE_FRAME) && !returns_behind_call(walk->sp + 8, 0);
}

/* Code that keeps frame pointers, of which nothing more exact is known. A leaf may have no frame at all: then the word at rsp is behind a
 * call, which words that it has put there hardly ever are, but what others have left there may be.
 */
__attribute__((noinline)) int leave_by_frame_pointer(u32 index) {
    struct walk *walk = this_walk();
    if (!walk) {
        return 1;
    }
    u32 words = walk->exact ? words_without_frame(walk) : 0;
    if (walk->exact && !words && check_caller(walk->sp) == CALLED) {
        words = 1;
        walk->unsure |= !is_surely_on_top(walk, index);
    }
    return leave_kept_frame(walk, words);
}

/* The same of a leaf of code that the process has made. It has frames throughout, and what it leaves at rsp may be anything. */
ALWAYS_INLINE u32 words_of_made_leaf(struct walk *walk) {
    u32 place = place_in_frame();
    if (place == FRAME_HALF_MADE) {
        return 2;
    }
    u32 returns = place != IN_FRAME && returns_behind_call(walk->sp, 0);
    walk->unsure |= returns && place == FRAME_TAKEN_DOWN;
    return returns;
}

/* Whether the leaf's code itself says, up to where it returns, that the frame is where rbp points: user space has followed it. */
__attribute__((noinline)) int has_frame_by_code(void) {
    struct walk *walk = this_walk();
    if (!walk || read_code(walk, walk->pc)) {
        return 0;
    }
    u32 row = row_of_made_code();
    if (row >> ROW_OP_SHIFT != ROW_RULE) {
        return 0;
    }
    const struct unwind_rule *rule = dictionary_rule(row & ROW_ARGUMENT_MASK);
    if (!rule) {
        return 0;
    }
    return rule->cfa_op == (CFA_REGISTER | CFA_CHECKED) && rule->cfa_register == REG_RBP && rule->cfa_offset == 16;
}

/* Code that a process has made, all of which keeps frame pointers. But for a leaf whose function has its frame made by another, which it has not
 * called yet: its return address is on top still. And for a leaf of a maker of whom nothing is known, which leaves rbp to its
 * callers: those in files, which may have no frame pointers, have left their return addresses. They know the code by its address only.
 * Unless the code says where it returns that it has a frame.
 */
__attribute__((noinline)) int leave_made_frame(void) {
    struct walk *walk = this_walk();
    if (!walk) {
        return 1;
    }
    u32 words = walk->exact ? words_of_made_leaf(walk) : 0;
    if (walk->exact && !words && frame_pointer_plausible(walk, 0)) {
        walk->called = NOT_CALLED;
        int others = returns_behind_call(walk->sp, 0) | holds_return_address(walk->rbp, 1);
        walk->unsure |= others && !has_frame_by_code();
    }
    return leave_kept_frame(walk, words);
}

ALWAYS_INLINE u64 saved_at(u32 op, u64 now, s32 offset, u64 cfa, u64 rbp) {
    return op == SAVED_AT_CFA   ? cfa + offset
           : op == SAVED_AT_RBP ? rbp + offset
           : op == SAVED_UNDEFINED ? VALUE_UNKNOWN
                                   : now;
}

/* The return address has been taken off the stack. Where all registers are known, so that this cannot go on for ever. */
ALWAYS_INLINE int leave_popped(struct walk *walk, u64 return_address, s32 cfa_offset) {
    if (!walk->exact) {
        return finish(walk, END_UNKNOWN_REGISTER);
    }
    return enter_caller(walk, return_address, walk->sp + cfa_offset);
}

/* Code of one frame, large as an interpreter, may have called a part of itself, for which the frame's rule does not hold: the word at rsp
 * returns to the same code then, and that where the rule looks for one does not.
 */
__attribute__((noinline)) int is_subroutine(u64 return_address_at, u32 rule) {
    struct walk *walk = this_walk();
    u64 address;
    return walk && !returns_behind_call(return_address_at, 0) && returns_behind_call(walk->sp, 0) &&
           !bpf_probe_read_user(&address, 8, (void *)walk->sp) && row_at(address - 1) == row_rule(rule);
}

/* Whether a CFA may lie on another stack: of coroutines, or where OCaml has its own and calls C. */
ALWAYS_INLINE int may_leave_stack(u32 op, u32 number) {
    return op == CFA_DEREF || (op == CFA_REGISTER && number != REG_RSP && number != REG_RBP);
}

ALWAYS_INLINE u32 op_of(const struct unwind_rule *rule) { return rule->cfa_op & ~CFA_CHECKED; }

ALWAYS_INLINE u32 register_of(const struct unwind_rule *rule) { return rule->cfa_register % REGISTERS; }

/* Leaves the CFA in walk->cfa; of a return address in a register, that. Ends the walk where it has none. A function of its own: what comes behind
 * need not be verified for each way through it.
 */
__attribute__((noinline)) int find_cfa(u32 index) {
    struct walk *walk = this_walk();
    if (!walk) {
        return 1;
    }
    const struct unwind_rule *rule = dictionary_rule(index);
    if (!rule) {
        return finish(walk, END_UNSUPPORTED_RULE);
    }
    u32 op = op_of(rule);
    u64 base = walk->sp, words = 0;
    if (op == CFA_PLT) {
        u64 pc = walk->exact ? walk->pc : walk->pc + 1;
        walk->cfa = walk->sp + 8 + ((pc & 15) >= (u32)rule->cfa_addend ? 8 : 0);
        return 0;
    }
    if (load_register(walk, register_of(rule), &base)) {
        return 1;
    }
    if (op == CFA_ELEMENT && load_register(walk, rule->cfa_register / REGISTERS, &words)) {
        return 1;
    }
    walk->cfa = base + 8 * words + rule->cfa_offset;
    if (op != CFA_DEREF && op != CFA_ELEMENT) {
        return 0;
    }
    if (read_stack(walk, walk->cfa, &walk->cfa)) {
        return finish(walk, END_STACK_UNREADABLE);
    }
    walk->cfa = (walk->cfa & -8ULL) + rule->cfa_addend; /* LuaJIT keeps flags in the lowest bits */
    return 0;
}

/* A rule of the dictionary. */
ALWAYS_INLINE int step_by_rule(struct walk *walk, u32 index) {
    if (index == FRAMED_RULE) {
        return leave_made_frame();
    }
    const struct unwind_rule *rule = dictionary_rule(index);
    u64 rbp = 0;
    if (!rule) {
        return finish(walk, END_UNSUPPORTED_RULE);
    }
    u32 op = op_of(rule);
    if (op == CFA_FRAME_POINTER) {
        return leave_by_frame_pointer(index);
    }
    if (op == CFA_SIGNAL) {
        return leave_signal_frame();
    }
    if (find_cfa(index)) {
        return 1;
    }
    u64 cfa = walk->cfa;
    if (op == CFA_POPPED) {
        return leave_popped(walk, cfa - rule->cfa_offset, rule->cfa_offset);
    }
    if (op == CFA_SHARED && walk->exact && is_subroutine(cfa + rule->ra_offset, index)) {
        return go_to_caller(walk, walk->sp + 8, walk->sp);
    }
    u32 kept = KEPT_BY_CALLS >> register_of(rule) & (op != CFA_ELEMENT);
    u32 checked = rule->cfa_op & CFA_CHECKED || !(walk->exact || kept);
    u32 moves = may_leave_stack(op, register_of(rule)) && !walk->moved && cfa < walk->sp + !walk->exact;
    walk->moved |= moves;
    if ((checked | moves) && refuses_caller(walk, cfa + rule->ra_offset, 0)) {
        return 1;
    }
    u32 needs_rbp = rule->rbp_op == SAVED_AT_RBP || rule->rbx_op == SAVED_AT_RBP;
    if (needs_rbp && load_register(walk, REG_RBP, &rbp)) {
        return 1;
    }
    walk->rbp_at = saved_at(rule->rbp_op, walk->rbp_at, rule->rbp_offset, cfa, rbp);
    walk->rbx_at = saved_at(rule->rbx_op, walk->rbx_at, rule->rbx_offset, cfa, rbp);
    walk->sp &= (moves | is_zero(op ^ CFA_OTHER_STACK)) - 1ULL; /* any stack lies above 0 */
    return go_to_caller(walk, cfa, cfa + rule->ra_offset);
}

/* Whether code in no mapping is what a process makes that makes only such as keeps frame pointers. */
ALWAYS_INLINE int makes_frames(const struct walk *walk) {
    return walk->process.flags & PROCESS_MAKES_FRAMES && !may_be_mapped_by_now(walk);
}

/* Of hotspot.h. */
u32 row_of_hotspot(void);
int leave_hotspot(u32 rule);

ALWAYS_INLINE u32 find_rule(struct walk *walk) {
    u64 pc = walk->pc;
    walk->whole_block = 0;
    walk->made = 0;
    if (config.unwind_mode == MODE_FP) {
        return row_frame_pointer();
    }
    int mapped = (pc >= walk->mapping.start && pc < walk->mapping.end) || is_mapped(pc);
    u32 rule = mapped ? find_row(walk, pc) : walk->process.hotspot ? row_of_hotspot() : 0;
    int found = mapped ? rule != stop(END_NO_TABLE) : rule != 0;
    if (found) {
        return rule;
    }
    u32 known = row_of_code();
    if (known || (!mapped && makes_frames(walk))) {
        return known ?: row_rule(FRAMED_RULE);
    }
    return (walk->made = row_of_made_code()) ?: stop(mapped ? END_NO_TABLE : END_NO_MAPPING);
}

/* A thread that clone has just made: it has 0 from a call behind which libc leaves no CFI, and no frame yet. It still is in the
 * kernel (arch/x86/entry/syscalls/syscall_64.tbl: clone 56, clone3 435), or where it is told from its parent.
 */
__attribute__((noinline)) int newborn_thread(void) {
    struct walk *walk = this_walk();
    const struct pt_regs *regs = user_registers();
    if (!walk || walk->pc != regs->rip || regs->rax) {
        return 0;
    }
    u64 call = regs->orig_rax;
    return walk->record.in_kernel ? call == 56 || call == 435 : tells_child(walk);
}

/* Whether the frame's rule has led to a word that no call has left there, and that is in no file: it is no frame, and guesses have no ground. */
ALWAYS_INLINE int is_made_up(struct walk *walk, u32 rule) {
    int unmapped = rule == stop(END_NO_MAPPING) || (rule == stop(END_BAD_CODE) && !is_mapped(walk->pc));
    return unmapped && !walk->exact && !is_return_address(walk->pc + 1);
}

/* Code that nothing describes: a guess, or the reason that it was. */
ALWAYS_INLINE u32 or_guess(struct walk *walk, u32 rule) {
    if (is_made_up(walk, rule)) {
        u32 first = first_frame(walk, rule);
        walk->made_up = first == rule;
        return first == rule ? stop(END_NOT_CALLED) : first;
    }
    int tableless = rule == stop(END_NO_TABLE) || rule == stop(END_NO_MAPPING);
    if (config.unwind_mode != MODE_AUTO || !(tableless || rule == stop(END_NO_RULE))) {
        return rule;
    }
    if (newborn_thread()) {
        return stop(END_OF_STACK);
    }
    if (rule == stop(END_NO_MAPPING) && may_be_mapped_by_now(walk)) {
        return rule;
    }
    u32 guess = guess_of_leaf() ?: guess_by_frame_pointer(rule);
    walk->guessed += guess != rule && guess != stop(END_NO_MAPPING);
    return guess;
}

/* The paths that few frames take are global functions: the verifier looks at each once, not at each call, and the loop over
 * frames stays small. They may take no pointers, so they find the walk themselves.
 */
__attribute__((noinline)) u32 rule_from_tables(u64 hash) {
    struct walk *walk = this_walk();
    struct rule_cache *cache = this_cache();
    if (!walk || !cache) {
        return stop(END_NO_TABLE);
    }
    u32 rule = find_rule(walk);
    if (rule >> ROW_OP_SHIFT == ROW_STOP && rule != stop(END_OF_STACK)) {
        return or_guess(walk, rule);
    }
    if (rule != row_rule(COMPUTED_RULE) && !walk->made && (!walk->exact || walk->whole_block)) {
        *position_slot(cache, walk->sp) = *address_slot(cache, hash) = entry_of(hash, rule);
    }
    return rule;
}

__attribute__((noinline)) int step_by_dictionary(u32 index) {
    struct walk *walk = this_walk();
    if (!walk) {
        return 1;
    }
    return step_by_rule(walk, index);
}

ALWAYS_INLINE u32 rule_of(struct walk *walk, struct rule_cache *cache) {
    u64 hash = hash_of(walk);
    u64 *address = address_slot(cache, hash);
    u64 *first = walk->user_frames < POSITION_FRAMES ? position_slot(cache, walk->sp) : address, entry = *first;
    if (!holds(entry, hash)) {
        entry = *address;
        if (!holds(entry, hash)) {
            return rule_from_tables(hash);
        }
        *first = entry;
    }
    walk->cache_hits++;
    return entry & ROW_RULE_MASK;
}

/* An address as a record has it: what a stack holds may be anything, but no word of Python's. */
ALWAYS_INLINE u64 noted(u64 address) { return (u64)((s64)(address << 4) >> 4); }

/* Where a row says that a register is saved, in words below the CFA; 0: where it was. */
ALWAYS_INLINE u64 saved_below(u64 cfa, u32 row, u64 now) {
    u32 words = row & ROW_SAVED_MASK;
    return words ? cfa - 8 * words : now;
}

/* One frame: note its address, find its rule, go to its caller. Returns 1 when the walk has ended. */
ALWAYS_INLINE int step(struct walk *walk, struct rule_cache *cache) {
    u32 at = walk->kernel_frames + walk->user_frames;
    if (at >= MAX_FRAMES || walk->user_frames >= MAX_USER_FRAMES) {
        return finish(walk, END_TOO_DEEP);
    }
    u32 rule = rule_of(walk, cache);
    u32 op = rule >> ROW_OP_SHIFT, argument = rule & ROW_ARGUMENT_MASK;
    int signal = op == ROW_RULE && argument == SIGNAL_RULE;
    u64 address = walk->pc + (signal && !walk->exact);
    walk->frames[at] = noted(address);
    walk->stack_pointers[(walk->user_frames & walk->stack_pointer_mask) % MAX_USER_FRAMES] = walk->sp;
    walk->user_frames++;
    if (op == ROW_STOP) {
        walk->user_frames -= walk->made_up;
        return finish(walk, argument);
    }
    if (op == ROW_RULE) {
        return argument >= INTERPRETED_RULE ? leave_hotspot(argument) : step_by_dictionary(argument);
    }
    u64 base = walk->sp;
    if (op == ROW_RBP && load_register(walk, REG_RBP, &base)) {
        return 1;
    }
    u64 cfa = base + 8 * (rule >> ROW_CFA_SHIFT & ROW_CFA_MASK);
    walk->rbp_at = saved_below(cfa, rule >> ROW_RBP_SHIFT, walk->rbp_at);
    walk->rbx_at = saved_below(cfa, rule, walk->rbx_at);
    return go_to_caller(walk, cfa, cfa - 8);
}

/* The word of the stack at an address, if the window has it. */
ALWAYS_INLINE int look_up(const struct walk *walk, u64 address, u64 *word) {
    u64 at = address % STACK_WINDOW;
    if (at > STACK_WINDOW - 8 || address - walk->window_start >= walk->window_size) {
        return 0;
    }
    *word = *(u64 *)(walk->window + at);
    return 1;
}

/* A number that clang knows nothing of: it leaves the bounds of an index for the verifier to see. */
ALWAYS_INLINE u64 opaque(u64 number) {
    asm volatile("" : "+r"(number));
    return number;
}

/* Passes frames that lie where they lay in the last sample, by rules that say no more than how far above rsp or rbp the CFA is, with what they
 * read in the window: nearly all. Where the next one is stays in registers meanwhile.
 */
ALWAYS_INLINE void pass_ordinary_frames(struct walk *walk, struct rule_cache *cache) {
    u64 pc = walk->pc, sp = walk->sp, rbp_at = walk->rbp_at, rbx_at = walk->rbx_at;
    u64 *user = walk->frames + walk->kernel_frames % (2 * MAX_KERNEL_FRAMES);
    u32 frames = walk->user_frames;
    for (int i = 0; i < ORDINARY_FRAMES; i++) {
        u64 hash = hash_of_call(walk, pc), base = sp, return_address;
        u64 entry = *(frames < POSITION_FRAMES ? position_slot(cache, sp) : address_slot(cache, hash));
        u32 rule = entry & ROW_RULE_MASK, op = rule >> ROW_OP_SHIFT;
        if (!holds(entry, hash) || op > ROW_RBP || frames >= MAX_USER_FRAMES) {
            break;
        }
        if (op == ROW_RBP && !look_up(walk, rbp_at, &base)) {
            break;
        }
        u64 cfa = base + 8 * (rule >> ROW_CFA_SHIFT & ROW_CFA_MASK);
        if (cfa <= sp || !look_up(walk, cfa - 8, &return_address) || !return_address) {
            break;
        }
        user[opaque(frames) % MAX_USER_FRAMES] = noted(pc);
        walk->stack_pointers[(opaque(frames) & walk->stack_pointer_mask) % MAX_USER_FRAMES] = sp;
        rbp_at = saved_below(cfa, rule >> ROW_RBP_SHIFT, rbp_at);
        rbx_at = saved_below(cfa, rule, rbx_at);
        pc = return_address - 1;
        sp = cfa;
        frames++;
    }
    walk->pc = pc;
    walk->sp = sp;
    walk->rbp_at = rbp_at;
    walk->rbx_at = rbx_at;
    walk->cache_hits += frames - walk->user_frames;
    walk->user_frames = frames;
}
