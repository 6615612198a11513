/* The state of one walk, and the cache of rules; one of each a CPU.
 * In a map, not on the BPF stack: there it would cost the verifier a hundred thousand instructions.
 */
#pragma once
#include "kernel.h"

enum {
    STACK_WINDOW = 4096,
    MAX_FRAMES = MAX_USER_FRAMES + MAX_KERNEL_FRAMES,
    NOT_SAVED = 0,     /* walk.rbp_at: the register holds the value in walk.rbp */
    VALUE_UNKNOWN = 1, /* walk.rbp_at: no rule says where the value is */
};

/* DWARF register numbers of x86-64 (System V psABI, figure 3.36). */
enum { REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8, REG_RIP = 16, REGISTERS = 17 };

struct walk {
    u64 pc; /* inside the instruction that runs or calls */
    u64 sp;
    /* A saved register is remembered by where it was saved, and read only when a rule needs it. */
    u64 rbp, rbp_at;
    u64 rbx, rbx_at;
    u64 registers[REGISTERS]; /* valid while `exact`: the leaf, and a frame that a signal interrupted */
    u32 exact;
    u32 user_frames;
    u32 end;
    u32 kernel_frames;
    u32 cache_hits;
    u32 reserved;
    struct process process;
    struct code_mapping mapping; /* the last one that was found */
    u64 window_start;            /* runtime address of window[0] */
    u64 window_size;
    u8 window[STACK_WINDOW];
    u8 code[32];
    struct pt_regs regs;
    struct sample_record record;
    u64 frames[MAX_FRAMES]; /* directly behind the record: both leave as one */
};

struct cached_rule {
    u64 pc;
    u32 generation;
    u32 rule;
};

struct rule_cache {
    struct cached_rule rules[CPU_CACHE_ROWS];
};
