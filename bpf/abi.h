/* The contract between the kernel side and Java: every layout and constant that both read or write.
 *
 * io.perfagent.bpf.abi mirrors this file; a test compares both with the BTF of the compiled object.
 * Offsets and sizes are in bytes unless a comment says words (4 bytes).
 */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;

/* clang leaves an enum that nothing refers to out of BTF: ABI_ENUM makes a global refer to it. */
#define ABI_ENUM(name) enum name abi_##name __attribute__((used))

enum abi_limit {
    MAX_USER_FRAMES = 4096,
    MAX_KERNEL_FRAMES = 128,
    MAX_THREAD_KERNEL_FRAMES = 48,
    SLAB_WORDS = 262144, /* one slab: 1 MiB */
    MAX_SLABS = 8192,
    CPU_CACHE_ROWS = 4096,
    MAX_COPY_BYTES = 131072, /* of a stack, in one piece */
    LAST_COPY_BYTES = 16384, /* of its end, where that lies farther away */
    COMM_LENGTH = 16,
    SIGNAL_RULE = 0, /* the dictionary's first rule is CFA_SIGNAL */
    FRAMED_RULE = 0x3fffd,      /* in no dictionary: code that a process has made, all of which keeps frame pointers */
    INTERPRETED_RULE = 0x3fffe, /* in no dictionary: a frame of HotSpot's interpreter */
    COMPUTED_RULE = 0x3ffff,    /* in no dictionary: holds for one frame of one walk, which knows the caller already */
    CODE_HEAPS = 6,       /* of a JVM's code cache: 3 in JDK 25 */
    BLOB_HEAD_BYTES = 128, /* from a block's start, in which the fields begin that are read of its blob of code */
    MAX_PYTHON_WORDS = 8192,
    PYTHON_FRAME_BYTES = 128, /* from its start, in which the fields lie that are read of a frame of CPython's interpreter */
    PYTHON_THREAD_BYTES = 256, /* likewise of a thread state */
    PYTHON_CODE_BYTES = 160,  /* likewise of a code object */
    PYTHON_FUNCTION_BYTES = 128, /* likewise of a function */
    PYTHON_TAG_BYTES = 96,    /* of a code object, in which the words of its tag lie */
    TAG_WORDS = 5,
    SENT_TEXT_BYTES = 256,    /* of a name, with what is before its characters */
    SENT_TABLE_BYTES = 1024,  /* of a table of lines, likewise */
    ABSENCE_SET_SIZE = 8,
};

/* Why a walk of a user stack ended. The first two are complete stacks. */
enum walk_end {
    END_OF_STACK = 0,        /* the frame's return address is undefined by its CFI, or 0 where the stack begins */
    END_NO_USER_STACK = 1,   /* a kernel thread, or a task whose memory is gone, or is another program's */
    END_TOO_DEEP = 2,        /* MAX_USER_FRAMES reached */
    END_NO_MAPPING = 3,      /* the address is in no file mapping known to us, and in no trampoline */
    END_NO_TABLE = 4,        /* the mapping has no table: no .eh_frame, or one that cannot be compiled */
    END_NO_RULE = 5,         /* the table covers the page, but no FDE covers the address */
    END_UNSUPPORTED_RULE = 6,/* the CFI uses an expression outside our rules */
    END_UNKNOWN_REGISTER = 7,/* the rule needs a register that is not known in this frame */
    END_STACK_UNREADABLE = 8,/* a read of the user stack failed */
    END_NOT_ADVANCING = 9,   /* the CFA is not above the frame's stack pointer */
    END_BAD_CODE = 10,       /* the return address points to memory that cannot be read */
    END_NO_PROCESS = 11,     /* the process has no mappings of ours yet */
    END_TABLE_PENDING = 12,  /* the mapping's table is being compiled */
    END_COMPAT = 13,         /* a thread that runs 32-bit code, for which there are no rules */
    END_COPY_ENDS = 14,      /* the walk needs more of the stack than was copied; of walks in user space only */
    END_ZERO_RETURN = 15,    /* the return address is 0, but nothing else says that the stack begins there */
    END_NOT_CALLED = 16,     /* a rule that has to be checked leads to an address that is behind no call of the frame's code */
    WALK_END_COUNT = 17,
};

/* One row of an unwind table, a u32. The rows of a page are sorted by offset; a row holds from its offset up to
 * the next row's. Every page of a table that has rows begins with a row of offset 0, so no search leaves the page.
 *
 *    31        20 19 18 17                    0
 *   +------------+-----+-----------------------+
 *   | pc & 0xfff | op  | argument              |
 *   +------------+-----+-----------------------+
 *
 *   op       argument
 *   RSP,RBP  [17:10] n: CFA = register + 8n   [9:5] b: rbp at CFA - 8b   [4:0] x: rbx at CFA - 8x   (0: unchanged)
 *            the return address is at CFA - 8
 *   RULE     [17:0]  index into the dictionary of struct unwind_rule
 *   STOP     [17:0]  an enum walk_end
 */
enum row_op { ROW_RSP = 0, ROW_RBP = 1, ROW_RULE = 2, ROW_STOP = 3 };

enum row_bits {
    ROW_OFFSET_SHIFT = 20,
    ROW_OP_SHIFT = 18,
    ROW_CFA_SHIFT = 10,
    ROW_RBP_SHIFT = 5,
    ROW_RULE_MASK = 0xfffff,
    ROW_ARGUMENT_MASK = 0x3ffff,
    ROW_CFA_MASK = 0xff,
    ROW_SAVED_MASK = 0x1f,
};

/* How a dictionary rule finds the CFA. Registers are DWARF numbers: 3 rbx, 6 rbp, 7 rsp, 16 rip. */
enum cfa_op {
    CFA_REGISTER = 0, /* CFA = register + offset */
    CFA_DEREF = 1,    /* CFA = *(register + offset) + addend */
    CFA_PLT = 2,      /* CFA = rsp + 8 + ((rip & 15) >= addend ? 8 : 0) */
    CFA_SIGNAL = 3,   /* rsp points to the ucontext of rt_sigreturn: all registers come from there */
    CFA_OTHER_STACK = 4, /* as CFA_REGISTER, on a stack that may lie lower than the frame's */
    CFA_POPPED = 5,   /* CFA = rsp + offset, and the return address is in the register: vfork has popped it */
    CFA_SHARED = 6,   /* as CFA_REGISTER, but the leaf may be a subroutine that code of one frame has called: then rsp + 8 */
    CFA_FRAME_POINTER = 7, /* CFA = rbp + 16, and rbp at CFA - 16; but of a leaf that has not pushed rbp yet, or has popped it, rsp + 8 */
    CFA_ELEMENT = 8, /* CFA = *(register + 8 * index + offset) + addend; register and index are in cfa_register, the index in its upper half */
    CFA_CHECKED = 128, /* and with any of these: the rule is no file's word but derived. It holds if the return address is behind a call that
                        * leads to the frame's code */
};

/* Where the caller's rbp or rbx is. */
enum saved_op {
    SAVED_UNCHANGED = 0,
    SAVED_AT_CFA = 1, /* at CFA + offset */
    SAVED_AT_RBP = 2, /* at this frame's rbp + offset (DRAP) */
    SAVED_UNDEFINED = 3,
};

/* An entry of the dictionary, for what does not fit in a row. */
struct unwind_rule {
    u8 cfa_op;
    u8 cfa_register;
    u8 rbp_op;
    u8 rbx_op;
    s32 cfa_offset;
    s32 cfa_addend;
    s32 rbp_offset;
    s32 rbx_offset;
    s32 ra_offset; /* return address at CFA + ra_offset */
};

/* A mapping of a process that code runs in; an array of them, sorted by start, lies in a slab.
 * page = ((pc - bias) >> 12) - first_page; rows of the page: word(index + page) .. word(index + page + 1).
 */
struct code_mapping {
    u64 start;
    u64 end;  /* exclusive */
    u64 bias; /* runtime address - ELF address */
    u32 index;      /* word address of the page index */
    u32 first_page; /* of the table, ELF address >> 12 */
    u32 page_count; /* 0: the mapping has no table */
    u32 table_end;  /* an enum walk_end: of addresses outside of the table's pages */
};

enum process_flag {
    PROCESS_MAKES_CODE = 1, /* runs code of its own making: an address in no mapping is no news */
    PROCESS_FRAME_POINTERS = 2, /* its program has no call-frame information, and keeps frame pointers, as the code does that it makes */
    PROCESS_MAKES_FRAMES = 4, /* all code that it makes keeps frame pointers: V8's */
};

/* A part of a JVM's code cache (CodeHeap in OpenJDK's memory/heap.hpp): blocks of whole segments, and a byte for each segment that says how
 * many segments back its block begins, or that much of the way; 0 for the first of a block, 255 where there is none.
 */
struct code_heap {
    u64 start;
    u64 end; /* of what is reserved, exclusive */
    u64 segments; /* runtime address of the first segment's byte */
};

/* A signed number in the head of a block. */
struct blob_field {
    u8 offset; /* from the block's start, bytes */
    u8 size;   /* 1, 2, 4 or 8 bytes */
};

/* Where a JVM has its code, and how its version lays out what it knows of it; lies in a slab.
 *
 *   block:  header │ CodeBlob: name, size, frame size, where its code begins … │ … code …
 */
struct hotspot {
    struct code_heap heaps[CODE_HEAPS]; /* empty ones behind those that there are */
    u64 interpreter_start;
    u64 interpreter_end;
    u64 call_stub_return;    /* where Java code returns to the stub that C++ calls it by */
    u64 continuation_return_at; /* holds the address at which a virtual thread's first frame returns to its carrier's; 0 before JDK 21 */
    struct blob_field used;  /* not 0: the block holds a blob */
    struct blob_field name;  /* address of a string */
    struct blob_field blob_size;      /* bytes */
    struct blob_field frame_size;     /* words up to the CFA; 0 or less: the code has no frame of one size */
    struct blob_field frame_complete; /* bytes of code in front of the first that finds the frame made; negative: unknown */
    struct blob_field code;  /* where the code begins: 8 bytes are an address, 4 an offset from the blob */
    u8 block_header;  /* bytes before the blob */
    u8 segment_shift; /* a segment is so large: 1 << segment_shift bytes */
    u8 reserved[2];
};

/* How the frames of CPython's interpreter tell by which call of its evaluation loop they are run. */
enum python_shape {
    PYTHON_COUNTED = 0, /* up to 3.9: each by one of its own; nothing says where that lies on the stack */
    PYTHON_CFRAMES = 1, /* 3.10: each by one of its own, which has a CFrame on the stack */
    PYTHON_ENTRIES = 2, /* 3.11: one CFrame up to a frame that is an entry */
    PYTHON_SHIMS = 3,   /* from 3.12 on: frames up to a shim, which lies on the stack */
};

/* Where a CPython has its lock, the GIL: one for the process, or one for each interpreter. Offsets are from its own address, in bytes. */
struct cpython_gil {
    u64 address; /* runtime address of the process's; 0: `pointer` leads to each interpreter's */
    u32 pointer; /* in an interpreter; 0 as well: it is not known */
    s32 locked;  /* 32 bits: 1 where a thread has it */
    s32 holder;  /* state of the thread that has it, or had it last */
    s32 waits;   /* from there on lies what threads wait on for it, with futex(2) */
    u32 waits_size;
    u32 reserved;
};

/* Where a process's CPython lies, and how its version lays out what is read of it; lies in a slab. Offsets are in bytes. */
struct cpython {
    u64 interpreters; /* runtime address of the pointer to the first */
    u64 pointer_mask; /* a code object's address in a frame, without its tag */
    u16 interpreter_next;
    u16 interpreter_threads; /* the first thread state */
    u16 thread_previous;
    u16 thread_next;
    u16 thread_interpreter;
    u16 thread_id;    /* pthread_self(), where the thread's FS begins */
    u16 thread_frame; /* the innermost frame */
    u16 thread_cframe; /* the innermost CFrame */
    u16 cframe_frame;
    u16 cframe_previous;
    u16 thread_size; /* at most PYTHON_THREAD_BYTES */
    u16 frame_size; /* at most PYTHON_FRAME_BYTES */
    u16 frame_code;
    u16 frame_previous;
    u16 frame_instruction;
    u16 frame_owner; /* a byte: of an entry 1 in 3.11, from 3.12 on who owns the frame */
    u16 code_first_instruction;
    u16 code_name;
    u16 code_file;
    u16 code_lines;
    u16 frame_function; /* the function that the frame is a call of */
    u16 function_name;  /* qualified */
    u16 function_module;
    u16 text_data; /* of a str of ASCII: its characters; 0: frames have no function */
    u16 tag_start; /* of a code object, from where on the words of its tag lie */
    u16 tag_size;  /* bytes; at most PYTHON_TAG_BYTES */
    u16 tag_words[TAG_WORDS];  /* from there on; they tell it from another which had its address */
    u16 tag_inside[TAG_WORDS]; /* not 0: there is a pointer, and the word is so far into what it points to */
    u8 shape; /* enum python_shape */
    u8 instruction_is_address; /* else a number of 4 bytes */
    u8 frame_by_cframe; /* the innermost frame is the one of the innermost CFrame */
    u8 shim_owner; /* from this owner on a frame is a shim */
    u8 tag_count;  /* words */
    u8 reserved[3];
    u64 code_counter; /* runtime address of 32 bits that are others once a code object has been made, or has died; 0: it is in interpreters */
    u32 interpreter_codes; /* likewise, offset in one; 0: none is known */
    u32 reserved_2;
    struct cpython_gil gil;
};

/* Words of CPython's frames, behind the addresses of a sample. Innermost first:
 *
 *   63  60 59           48 47                     0
 *  +------+---------------+------------------------+
 *  | 0xA  |               | code object            |  and a second word: instruction << 32 | tag
 *  | 0xB  | user frame    | local of the loop      |  the frames before it are run by that call of the evaluation loop
 *  +------+---------------+------------------------+
 */
enum python_word {
    PYTHON_FRAME_WORD = 0xa,
    PYTHON_CALL_WORD = 0xb,
    PYTHON_KIND_SHIFT = 60,
    PYTHON_INDEX_SHIFT = 48,
    PYTHON_NO_INDEX = 0xfff, /* the call is none of the frames that were walked */
};

/* A code object as it was when a sample met it first, with what names it: it may be gone before user space comes to read it. What could not
 * be read is 0.
 */
struct sent_code {
    u64 code;
    u64 function; /* that ran it */
    u64 objects[6]; /* addresses of what is below behind `head`; those of the function are 0 where the file's name says enough */
    u32 pid;
    u32 tag;
    u8 head[PYTHON_CODE_BYTES];
    u8 name[SENT_TEXT_BYTES];
    u8 file[SENT_TEXT_BYTES];
    u8 lines[SENT_TABLE_BYTES];
    u8 function_head[PYTHON_FUNCTION_BYTES];
    u8 function_name[SENT_TEXT_BYTES];
    u8 function_module[SENT_TEXT_BYTES];
};

/* What came of reading CPython's frames. */
enum python_end {
    PYTHON_NONE = 0,       /* nothing to read: no CPython, or a thread that runs no Python */
    PYTHON_READ = 1,       /* all of them */
    PYTHON_NO_THREAD = 2,  /* no interpreter has the thread in its list */
    PYTHON_UNREADABLE = 3, /* memory is not what it should be */
    PYTHON_TOO_DEEP = 4,   /* MAX_PYTHON_WORDS reached */
    PYTHON_END_COUNT = 5,
};

/* What the thread of a sample had to do with CPython's lock. */
enum gil_role {
    GIL_NONE = 0,    /* nothing, or that is not known */
    GIL_HELD = 1,    /* it had it; time off the CPU, too, for it cannot give it away there */
    GIL_AWAITED = 2, /* it waited for it, and another had it */
};

/* Whether it is known who had it. */
enum gil_holder {
    GIL_HOLDER_KNOWN = 0,
    GIL_HOLDER_CHANGED = 1,   /* others have had it since */
    GIL_HOLDER_MOVED = 2,     /* it went on while its frame was read */
    GIL_HOLDER_WITHOUT = 3,   /* it runs no Python function */
    GIL_HOLDER_COUNT = 4,
};

struct gil {
    u64 code;   /* both words of the innermost frame of the thread that had it, where that is known; else 0 */
    u64 detail;
    u32 tid;    /* of that thread, in the agent's PID namespace; 0: no sample has met it yet */
    u8 role;    /* enum gil_role */
    u8 holder;  /* enum gil_holder */
    u8 reserved[2];
};

/* What a sample is of. */
enum sample_event {
    EVENT_CPU_CLOCK = 0, /* a task runs, or does what the run samples instead; its weight counts the ticks of the clock, or samples */
    EVENT_OFF_CPU = 1,   /* a task runs again; what is said of its time off the CPU is in `wait` */
    EVENT_WALL = 2,      /* either; of a task that runs both weights in `wait` are 0 */
    SAMPLE_EVENT_COUNT = 3,
};

enum {
    WAKING_BY_IDLE = 1, /* in place of a number: the CPU was idle, so that an interrupt has woken it */
    WAKING_MISSED = 2,  /* likewise: too many at once, or the waker went on before its stack was taken */
    WAKING_NOT_YET = 3, /* likewise, of user space: the wait goes on */
    FIRST_WAKING = 4,
};

/* One of the two parts of a task's time off the CPU. */
struct wait_part {
    u64 ns;     /* how long it was */
    u64 weight; /* nanoseconds that the sample stands for; 0: the part was not chosen */
};

/* How long a task was off the CPU, and why:
 *
 *   leaves the CPU ── blocked ──→ is woken ── queued ──→ runs again
 */
struct wait {
    struct wait_part blocked; /* nothing of who could have gone on, but had to leave the CPU to another */
    struct wait_part queued;
    u64 argument; /* the first one of the system call */
    u64 holder;   /* state of the thread that had CPython's lock when the wait for it began; 0: it was no such wait */
    u64 waker;    /* where the FS of the thread begins that has woken it by the futex that it waited on; 0: something else has */
    u64 waking;   /* number of the waking that has ended it: a record of its own without weights says who that was; 0: not asked for */
    s32 call;     /* number of the system call; -1: none */
    u32 state;    /* bits of TASK_… when it left; 0: it could have gone on */
};

/* What a thread has spent its time with since it was seen first, nanoseconds: up to when it was on or off a CPU last, or to the moment of a
 * look at it.
 */
struct thread_times {
    u64 running;
    u64 blocked;
    u64 queued;
    u64 sure_blocked; /* of these, what was recorded as it was, not by chance; of waits that have ended only, and since the last cut */
    u64 sure_queued;
};

/* A thread that has ended. */
struct ended_thread {
    u32 tid; /* in the agent's PID namespace */
    u32 pid;
    struct thread_times times;
    u8 comm[COMM_LENGTH];
};

/* An instruction of code that a process has made, and what its instructions from there to the end of the function do to the stack: as user
 * space, once it has been asked, has read them.
 */
struct made_code_key {
    u64 address; /* of the instruction that comes next in the frame; or of a function that was called */
    u32 pid;
    u32 block; /* 0; or the number of one of 32 KiB of memory, into which that function may have jumped */
};

enum {
    LEADS_THERE = 1,      /* in place of a row: the function leads there, or may lead anywhere; `returns` is from which byte of the block on */
    JUMP_BLOCK_SHIFT = 15, /* so that the number of a block has 32 bits */
};

/* Such an instruction as user space is asked about. */
struct made_code_question {
    struct made_code_key key;
    u64 r14; /* where the thread was sampled: code of LuaJIT has there what leads to all that it has compiled */
};

struct made_code {
    u32 row; /* without its offset; 0: not known yet, or nothing can be said */
    u32 hash; /* of the bytes around it, in walk.code */
    u32 returns;      /* bytes from the address to near the end of the instruction that returns; 0: not looked at */
    u32 returns_hash; /* of the bytes around that */
};

/* What the kernel knows of a process: value of the map `processes`, by thread group id in the agent's PID namespace. */
struct process {
    u32 mappings; /* word address of its struct code_mapping array */
    u32 count;
    u32 generation; /* unique among all processes and all states of one; the key of the per-CPU caches */
    u32 flags;      /* of enum process_flag */
    u32 hotspot;    /* word address of its struct hotspot, 0 where it is no JVM */
    u32 cpython;    /* word address of its struct cpython, 0 where it runs none */
};

/* What a descriptor stands for. */
enum descriptor_kind {
    DESCRIPTOR_NONE = 0, /* nobody has looked, or the call that a thread is in takes none */
    DESCRIPTOR_UNKNOWN = 1,
    DESCRIPTOR_FILE = 2,
    DESCRIPTOR_DIRECTORY = 3,
    DESCRIPTOR_PIPE = 4, /* or a FIFO */
    DESCRIPTOR_TTY = 5,
    DESCRIPTOR_DEVICE = 6,
    DESCRIPTOR_UNIX = 7, /* sockets: of that family, of the internet's with those protocols, others */
    DESCRIPTOR_TCP = 8,
    DESCRIPTOR_UDP = 9,
    DESCRIPTOR_SOCKET = 10,
    DESCRIPTOR_EPOLL = 11,
    DESCRIPTOR_EVENTFD = 12,
    DESCRIPTOR_TIMERFD = 13,
    DESCRIPTOR_SIGNALFD = 14,
    DESCRIPTOR_INOTIFY = 15,
    DESCRIPTOR_KIND_COUNT = 16,
};

/* A sample as it lies in the ring buffer, followed by its frames: kernel first, then user, each leaf first; then words of CPython's frames.
 * A user address lies inside the instruction that runs or calls: return addresses are already lowered by one. The
 * kernel's are as bpf_get_stack gives them.
 */
struct sample_record {
    u64 time_ns; /* CLOCK_MONOTONIC */
    u32 pid;     /* thread group id, in the PID namespace of the agent */
    u32 tid;
    u32 walk_ns; /* spent in the walk of the user stack */
    u16 kernel_frames;
    u16 user_frames;
    u8 walk_end; /* enum walk_end */
    u8 in_kernel; /* 1: the sample hit kernel mode */
    u8 guessed;   /* 1: frames may be missing, for they were left by a guess that nothing has checked */
    u8 python_end; /* enum python_end */
    u32 copied; /* bytes behind the words: struct stopped_walk and a part of the stack, or 0 */
    u16 python_words;
    u8 event; /* enum sample_event */
    u8 descriptor; /* enum descriptor_kind: of the first argument of wait.call, were it one; of a poll, of the only one that it is for */
    u8 reserved[4];
    u64 weight; /* how much the sample stands for, in the event's unit */
    struct wait wait; /* of EVENT_OFF_CPU and EVENT_WALL */
    struct gil gil;
    u8 comm[16];
};

/* A frame, the last of the sample's, from which user space can go on; followed by the stack from `stack` on. Values of registers are
 * those of this frame. The frame that was reached by a return address knows rbp and rbx only.
 */
struct stopped_walk {
    u64 stack; /* runtime address of the first byte that was copied: below sp, for leaves use what lies there */
    u64 pc;    /* inside the instruction that runs or calls */
    u64 sp;
    u64 rbp;
    u64 rbx;
    u64 rbp_at; /* 0: `rbp` holds the value, 1: unknown, else where it could not be read */
    u64 rbx_at;
    u64 registers[16]; /* by DWARF number; of an exact frame, or of its callee that was one. Of rbp, rbx and rsp the above hold */
    u8 exact;    /* 1: no call was left behind: the leaf, or what a signal interrupted */
    u8 newborn;  /* 1: the thread has just been made, and has no frame yet */
    u8 goes_on;  /* 1: the stack may go on behind what was copied */
    u8 tentative; /* 1: the frame was called by an exact one, whose `registers` may still be its own */
    u32 last;    /* bytes of the copy that are the last of the stack: what is between them and the others was not copied */
    u64 last_end; /* runtime address behind those */
    u64 first;   /* runtime address at which the process's first stack began, where the kernel put the arguments */
    u64 holes;   /* bit n: the n-th page from that of `stack` on could not be read, such as one of a large frame that nobody has touched */
};

/* A thread of a target as it is met in the kernel's list of tasks. Where it has left its processor, `on_cpu` is 0, and it has not been on one
 * between two such looks if the first one's `switches` is the second one's `switches_after`: then the registers were its own all
 * the while, and all that belongs to it alone stayed as it was.
 */
struct thread_record {
    u64 started;  /* nanoseconds after boot: with its number, what it is known by */
    u64 switches; /* times that it has left a processor; read before all that follows */
    u64 registers[16]; /* by DWARF number, as they were when it entered the kernel */
    u64 pc;
    u64 call;     /* number of the system call that it has entered the kernel by; ~0: by none */
    u64 fs_base;
    u64 first;    /* as in struct stopped_walk */
    u32 pid;      /* in the agent's PID namespace */
    u32 tid;
    u32 state;    /* 0: it runs or could; else why not, bits of TASK_…; where it was seen to leave its processor, as it was then */
    u8 on_cpu;
    u8 userless;  /* 1: it never runs user code, or its memory is gone */
    u8 compat;    /* 1: it runs 32-bit code */
    u8 kernel_frames;
    u8 comm[COMM_LENGTH];
    u64 kernel[MAX_THREAD_KERNEL_FRAMES]; /* where it is in the kernel, innermost first, as bpf_get_task_stack gives it */
    u64 switches_after; /* read behind on_cpu */
    u64 away_since; /* CLOCK_MONOTONIC; 0 where nobody has seen it leave its processor */
    u64 woken;      /* likewise; 0: not yet */
    u64 seen;       /* likewise: when it was looked at, up to which `times` go */
    u64 cut;        /* likewise: up to when a look before has parted its time off the CPU; 0: none has */
    u64 descriptor; /* enum descriptor_kind, as in a sample; at a cut only, and not of a poll */
    struct thread_times times;
};

/* Which samples carry a struct stopped_walk. */
enum copy_mode {
    COPY_NEVER = 0,
    COPY_UNKNOWN_CODE = 1, /* those whose walk met a process, a mapping or a table that is not known yet */
    COPY_ALWAYS = 2,       /* all, from their leaf on: so that two walks of one stack can be compared */
};

/* Set before the object is loaded; alone in .rodata. */
struct sampler_config {
    u32 unwind_mode;   /* model.UnwindMode: 0 auto, 1 dwarf, 2 fp */
    u32 all_processes; /* 1: sample processes that are not in `processes` too */
    u32 copy_mode;     /* an enum copy_mode */
    u32 pid_namespace; /* inode of the agent's PID namespace, 0 for the initial one */
    u32 agent;         /* thread group id of the agent, in that namespace: its own waits are left out */
    u32 wait_threshold; /* nanoseconds: a wait that is shorter is chosen by chance, and stands for so long */
    u32 shortest_wait;  /* microseconds: what is shorter is left out */
    u32 children;       /* 1: what targets fork is a target too */
    u32 cpus;           /* possible ones */
    u32 wakers;         /* 1: who ends waits is recorded, too */
    u32 event_period;   /* of a tracepoint: a sample stands for so many */
    u32 wall;           /* 1: samples of tasks that run and of such that run again are of one event */
    u32 absence_sets;   /* a power of two */
    u32 tells_switch_end; /* 1: the kernel has a tracepoint behind each switch */
};

/* How fast a CPU takes samples of events that are counted: not as fast as they may come. */
struct event_pace {
    u64 second; /* when the current one began, nanoseconds */
    u64 since;  /* events since the last sample */
    u64 taken;  /* samples in the current second */
    u64 left_out; /* samples that were not taken, for there were too many in a second */
};

/* Counters, one set for each event of each CPU; read when the run ends. */
struct cpu_counters {
    u64 samples;  /* taken of the targets */
    u64 dropped;  /* of these, lost because the ring was full */
    u64 user_frames;
    u64 walk_ns;
    u64 program_ns; /* the whole program, for the targets */
    u64 cache_hits;
    u64 guessed; /* frames of code without call-frame information, left by a guess that a call instruction confirmed */
    u64 copies;  /* samples that took a part of their stack along */
    u64 copies_left_out; /* samples that should have, but the ring was too full */
    u64 outside; /* with all_processes: runs that met a task which the agent's PID namespace does not see */
    u64 python_frames;
    u64 python_ns; /* spent in reading them */
    u64 nested; /* samples not taken, for they hit the taking of another one */
    u64 ends[WALK_END_COUNT];
};

/* Time off the CPU, one set a CPU. What is not said to be chosen is of all there was of the targets. */
struct wait_counters {
    u64 waits;
    u64 blocked_ns;
    u64 queued_ns;
    u64 chosen; /* waits */
    u64 late;   /* of these, those whose stack was not to be had any more */
    u64 late_ns; /* which they would have stood for */
    u64 untaken; /* likewise, those of processes that user space had not heard of */
    u64 untaken_ns;
    u64 unseen; /* waits whose end was told to nobody */
    u64 unseen_ns;
    u64 left_out;    /* waits shorter than the shortest that is asked for */
    u64 left_out_ns;
    u64 without_room; /* times that a task left the CPU, or was off it at a cut, and others had all its places */
    u64 ends_lost; /* threads that have ended, and whose times had no room in their ring */
    u64 highest_threshold; /* nanoseconds: so much a short wait stood for at most, when there were too many */
};

/* What the scheduler does with threads: bpf/scheduler.bpf.c, an object of its own.
 *
 * A spread of durations: 16 buckets for each power of two, so that each is at most a sixteenth wide; the first 16 are one nanosecond wide.
 *
 *   nanoseconds   0 … 15 │ 16 … 31 │ 32, 34 … 62 │ 64, 68 … 124 │ …
 *   bucket        0 … 15 │ 16 … 31 │ 32 … 47     │ 48 … 63      │ …
 */
enum spread_limit {
    SPREAD_STEP_SHIFT = 4,
    SPREAD_VALUE_BITS = 48, /* what is longer, 78 hours, lies in the last bucket */
    SPREAD_BUCKETS = 720,
};

struct spread {
    u64 sum; /* nanoseconds, as the longest */
    u64 longest;
    u64 cut; /* of these durations, under way when counting began or ended: counted as far as seen */
    u64 buckets[SPREAD_BUCKETS];
};

/* Why a thread left its processor. */
enum switch_reason {
    SWITCH_WAITED = 0,      /* for what it can be woken from by a signal: a lock, data of a socket, a time */
    SWITCH_IO = 1,          /* for what the kernel counts as I/O: mostly a disk */
    SWITCH_IN_KERNEL = 2,   /* for something else that a signal does not interrupt, such as a lock of the kernel's */
    SWITCH_PREEMPTED = 3,   /* it could have gone on, but another was to run */
    SWITCH_YIELDED = 4,     /* the same, by a sched_yield of its own */
    SWITCH_STOPPED = 5,     /* by a signal or a tracer */
    SWITCH_ENDED = 6,
    SWITCH_REASON_COUNT = 7,
};

/* What a processor's counters count, where it has some. */
enum hardware_counter {
    HARDWARE_CYCLES = 0,
    HARDWARE_INSTRUCTIONS = 1,
    HARDWARE_CACHE_MISSES = 2,
    HARDWARE_COUNTER_COUNT = 3,
};

/* As struct bpf_perf_event_value: the counter may have had to share its hardware, and counted for a part of the time. */
struct hardware_count {
    u64 count;
    u64 enabled; /* nanoseconds, as those that it ran */
    u64 running;
};

/* What is counted of threads: of one process, or of all targets on one CPU. */
struct scheduling {
    u64 started; /* of a process: nanoseconds after boot */
    u32 pid;     /* likewise, in the agent's PID namespace; 0 where it sees none */
    u32 reserved;
    u8 comm[COMM_LENGTH];
    u64 switches[SWITCH_REASON_COUNT]; /* times that a thread left its CPU */
    u64 migrations;
    u64 minor_faults;
    u64 major_faults;
    u64 slices_unseen; /* threads that left a CPU without having been seen to come */
    u64 waits_unseen; /* threads that came onto a CPU, and nothing says since when they had waited for it */
    struct hardware_count hardware[HARDWARE_COUNTER_COUNT];
    struct spread slices; /* on a CPU, from a switch to the next */
    struct spread waits;  /* for a CPU: since it was woken, or had to leave one */
};

/* Set before the object is loaded; alone in .rodata. */
struct scheduler_config {
    u32 all_processes; /* 1: all are meant */
    u32 pid_namespace; /* inode of the agent's PID namespace, 0 for the initial one */
    u32 process_slots; /* 0: counted by CPU; else so many processes are counted each on its own, and further ones together as number 0 */
    u32 cpus;          /* possible ones; with each of them a number less than this */
    u32 hardware;      /* 1: there are counters */
};

/* What the kernel side keeps for the whole run. */
struct scheduler_state {
    u32 self; /* the agent's number in the initial PID namespace */
    u32 slots_taken;  /* not counting number 0 */
    u32 not_followed; /* processes that targets have started, and there was no room for */
    u32 waits_left_out; /* there was no room for them */
};
