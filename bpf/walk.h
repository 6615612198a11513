/* The state of one walk, and what the walks before it left; one of each a CPU.
 * In a map, not on the BPF stack: there it would cost the verifier a hundred thousand instructions.
 */
#pragma once
#include "kernel.h"

enum {
    STACK_WINDOW = 4096, /* one page */
    BLOCK_BYTES = 32,    /* of code, that a leaf's rule is remembered for */
    CACHED_POSITIONS = 16384, /* 256 KiB of stack */
    MAX_FRAMES = MAX_USER_FRAMES + MAX_KERNEL_FRAMES,
    THREAD_STATES = 4,
    PYTHON_WINDOW_BYTES = 1024, /* some frames of calls */
    TAGGED_SHIFT = 58,          /* 64 code objects */
    THREADS_SHIFT = 61,         /* 8 threads */
    MAX_WORDS = MAX_FRAMES + MAX_PYTHON_WORDS,
    NOT_SAVED = 0,     /* walk.rbp_at: the register holds the value in walk.rbp */
    VALUE_UNKNOWN = 1, /* walk.rbp_at: no rule says where the value is */
};

/* DWARF register numbers of x86-64 (System V psABI, figure 3.36). */
enum { REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8, REGISTERS = 16 };

/* The caller of a frame that no row describes: COMPUTED_RULE. */
struct caller {
    u64 sp;
    u64 return_address; /* 0: it lies at return_address_at */
    u64 return_address_at;
    u64 rbp_at; /* NOT_SAVED: the frame has left rbp as it was */
};

/* A thread has a state for each interpreter that it has run. */
struct python_thread {
    u64 states[THREAD_STATES]; /* 0 behind the last */
    u64 first_interpreter;
    u64 look_again_ns;
    u32 many; /* interpreters: it may run another one's state soon */
    u32 found;
    u32 tid; /* an address of a thread is used again */
    u32 id;  /* the same in the agent's PID namespace */
};

struct python_thread_key {
    u64 fs_base;
    u64 pid;
};

/* A thread that the CPU has met lately. */
struct met_thread {
    struct python_thread_key key;
    struct python_thread thread;
};

/* A code object that the CPU has met lately. */
struct tagged_code {
    u64 code;
    u64 epoch; /* in which the tag was read */
    u32 tag;
    u32 pid;
    u32 sent; /* 1: user space has what this tag stands for */
    u32 reserved;
};

/* How far the reading of CPython's frames has come. */
struct python_reading {
    u64 pid;
    u64 fs_base;
    u64 interpreter; /* the next one */
    u64 state;
    struct python_thread thread;
    u64 stack_bytes; /* of the stack, from the leaf's rsp on */
    u64 first_local;
    u64 frame;  /* the next one */
    u64 cframe; /* of the call that runs it */
    u64 local;  /* of the call that ran the last ones; 0 where its place is known */
    u32 frames; /* since the last call */
    u32 native; /* user frame that is looked at */
    u32 placed; /* user frame of the last call */
    u32 words;
    u32 read; /* frames in all */
    u32 sent; /* code objects, with this sample */
    u32 end;  /* enum python_end */
    u32 window_size;  /* bytes */
    u32 frame_at;     /* where the frame is in the window */
    u64 window_start; /* runtime address of the window's first byte */
    u64 above;        /* the frame that was read before */
    u64 epoch;        /* while it lasts no code object gets the address of another */
    struct met_thread met[1 << (64 - THREADS_SHIFT)];
    struct tagged_code tagged[1 << (64 - TAGGED_SHIFT)];
    u64 state_read;   /* whose bytes those are */
    u8 state_bytes[PYTHON_THREAD_BYTES];
    u8 tag_bytes[PYTHON_TAG_BYTES];
    u8 window[PYTHON_WINDOW_BYTES] __attribute__((aligned(64)));
};

struct walk {
    /* Part of one page of the stack, each byte where it is in its page: a copy between equal alignments is the fastest. */
    u8 window[STACK_WINDOW];
    u64 window_start; /* runtime address of the first byte that is there */
    u64 window_size;  /* bytes, up to the end of the page */
    u64 pc; /* inside the instruction that runs or calls */
    u64 sp;
    u64 cfa; /* of the frame that is being left by a rule of the dictionary */
    /* A saved register is remembered by where it was saved, and read only when a rule needs it. */
    u64 rbp, rbp_at;
    u64 rbx, rbx_at;
    u32 exact; /* the leaf, or a frame that a signal interrupted: any register may be asked for */
    u32 exact_at; /* number of the last user frame that was exact */
    u32 registers_read; /* registers holds them; few walks need them */
    u64 registers[REGISTERS];
    u32 user_frames;
    u32 end;
    u32 kernel_frames;
    u32 cache_hits;
    u32 guessed;
    u32 made_up; /* the word that the last frame's rule has led to */
    u32 moved;  /* to another stack, which lies lower: once only */
    u32 busy;   /* a sample is being taken; it may be interrupted by an event that has one taken too */
    u32 unsure; /* a guess may have jumped over frames */
    u32 stack_pointer_mask; /* of the index: MAX_USER_FRAMES - 1 where frames of CPython's will be placed among those of the walk, else 0 */
    u32 described_only; /* of return addresses that count against it: those to code that a table describes */
    u32 jumped; /* the guess that is being looked at has */
    u64 callee; /* whom the caller that was looked at last calls, which is not the frame's code */
    u64 called; /* bytes up to its code from where its caller calls; NOT_CALLED */
    u32 made; /* the row that was found is that of code which the process has made, and holds as long as that code is there */
    u32 whole_block; /* the row that was found covers the address's block */
    u64 salt;        /* of the process's generation */
    struct process process;
    struct code_mapping mapping; /* the last one that was found */
    u8 code[32];
    u8 head[BLOB_HEAD_BYTES + 8]; /* of a block of a JVM's code */
    struct caller caller;
    u64 holes; /* of a copied stack */
    struct cpython cpython;
    u32 cpython_of;   /* generation of the process whose that is */
    u32 cpython_word; /* where it was found */
    struct python_reading reading;
    u64 stack_pointers[MAX_USER_FRAMES]; /* of each user frame, where they are kept */
    struct sample_record record;
    u64 frames[MAX_WORDS]; /* directly behind the record: both leave as one */
} __attribute__((aligned(STACK_WINDOW)));

struct rule_cache {
    u64 by_position[CACHED_POSITIONS];
    u64 by_address[CPU_CACHE_ROWS];
};
