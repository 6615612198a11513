/* x86-64: registers, vectors up to AVX-512, flags with the direction set, the red zone. */
#include <cpuid.h>

#define RED_ZONE 128
#define EXECUTABLE (PROT_READ | PROT_EXEC)
#define XSTATE_MAX (16 << 10)
#define XSTATE_BV 512

struct snapshot {
    uint64_t registers[18]; /* r8 … r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, flags: as in the ucontext */
    uint64_t result;
    uint64_t processor_state;
    unsigned char vectors[XSTATE_MAX];
};

static const char *const REGISTERS[18] = {"r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15", "rdi",
                                          "rsi", "rbp", "rbx", "rdx", "rax", "rcx", "rsp", "rip", "flags"};

extern char departure[];
void depart(char *stack_pointer) __attribute__((noreturn));
long call_checked(long (*function)(long), long argument);

int has_avx512, has_avx;
unsigned char pattern[64 * 32 + 64];

static unsigned vector_bytes(void)
{
    unsigned a, b, c, d;
    __cpuid_count(0xd, 0, a, b, c, d);
    has_avx512 = __builtin_cpu_supports("avx512bw");
    has_avx = __builtin_cpu_supports("avx");
    for (size_t index = 0; index < sizeof pattern; index++)
        pattern[index] = (unsigned char)(index * 37 + 11);
    return b;
}

static uintptr_t program_counter(const ucontext_t *context)
{
    return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
}

static void take(struct snapshot *to, const ucontext_t *context)
{
    for (int index = 0; index < 18; index++)
        to->registers[index] = (uint64_t)context->uc_mcontext.gregs[index];
    to->result = to->registers[REG_RAX];
    memcpy(to->vectors, context->uc_mcontext.fpregs, vector_bytes());
}

/* As SETREGSET does: nothing but the program counter. */
static void send(ucontext_t *context, uintptr_t pc, struct snapshot *as)
{
    (void)as;
    context->uc_mcontext.gregs[REG_RIP] = (greg_t)pc;
}

static void compare_bytes(const char *what, const struct snapshot *a, const struct snapshot *b, unsigned from, unsigned size)
{
    for (unsigned at = from; at < from + size; at++)
        if (a->vectors[at] != b->vectors[at])
            printf("differs %s at %u: %02x %02x\n", what, at, a->vectors[at], b->vectors[at]);
}

/* Intel SDM vol. 1, 13.4: a component that is in its initial state is not written. */
static void compare(const struct snapshot *a, const struct snapshot *b)
{
    uint64_t present;
    for (int index = 0; index < 18; index++)
        if (index != REG_RAX && index != REG_RIP && a->registers[index] != b->registers[index])
            printf("differs %s: %" PRIx64 " %" PRIx64 "\n", REGISTERS[index], a->registers[index], b->registers[index]);
    memcpy(&present, a->vectors + XSTATE_BV, sizeof present);
    printf("components %" PRIx64 "\n", present);
    compare_bytes("components", a, b, XSTATE_BV, sizeof present);
    compare_bytes("x87", a, b, 0, 24);
    compare_bytes("mxcsr", a, b, 24, 4);
    compare_bytes("x87", a, b, 32, 128);
    compare_bytes("sse", a, b, 160, 256);
    for (unsigned component = 2; component < 63; component++)
        if (present >> component & 1) {
            unsigned size, offset, c, d;
            __cpuid_count(0xd, component, size, offset, c, d);
            compare_bytes("component", a, b, offset, size);
        }
}

/* System V ABI, 3.2.2 and 3.2.3: 16 bytes aligned before the call pushed the return address, direction flag clear. */
#define CALLABLE 8

#define ALL(op) \
    op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13) op(14) op(15)
#define UPPER(op) \
    op(16) op(17) op(18) op(19) op(20) op(21) op(22) op(23) op(24) op(25) op(26) op(27) op(28) op(29) op(30) op(31)
#define MASKS(op) op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7)
#define LOAD_ZMM(n) "vmovdqu64 pattern+64*" #n "(%rip), %zmm" #n "\n"
#define LOAD_YMM(n) "vmovdqu pattern+64*" #n "(%rip), %ymm" #n "\n"
#define LOAD_XMM(n) "movdqu pattern+64*" #n "(%rip), %xmm" #n "\n"
#define LOAD_MASK(n) "kmovq pattern+2048+8*" #n "(%rip), %k" #n "\n"
#define ONES_ZMM(n) "vpternlogd $255, %zmm" #n ", %zmm" #n ", %zmm" #n "\n"
#define ONES_XMM(n) "pcmpeqd %xmm" #n ", %xmm" #n "\n"
#define ONES_YMM(n) "vcmptrueps %ymm" #n ", %ymm" #n ", %ymm" #n "\n"
#define ONES_MASK(n) "kxnorq %k" #n ", %k" #n ", %k" #n "\n"

asm(".text\n.globl depart, departure, return_point, interrupted_point, call_checked, python_functions\n"
    "depart:\n"
    "  fldpi\n fldl2e\n"
    "  push $0x5f80\n ldmxcsr (%rsp)\n pop %rax\n"
    "  cmpl $0, has_avx512(%rip)\n je 1f\n" ALL(LOAD_ZMM) UPPER(LOAD_ZMM) MASKS(LOAD_MASK) "  jmp 3f\n"
    "1: cmpl $0, has_avx(%rip)\n je 2f\n" ALL(LOAD_YMM) "  jmp 3f\n"
    "2:\n" ALL(LOAD_XMM)
    "3: push $0xcd7\n popf\n" /* carry, parity, adjust, zero, sign, direction, overflow */
    "  mov %rdi, %rsp\n movabs $0x1111111111111111, %rax\n"
    "  movabs $0x2222222222222222, %rcx\n movabs $0x3333333333333333, %rdx\n"
    "  movabs $0x4444444444444444, %rbx\n movabs $0x5555555555555555, %rbp\n"
    "  movabs $0x6666666666666666, %rsi\n movabs $0x7777777777777777, %rdi\n"
    "  movabs $0x8888888888888888, %r8\n movabs $0x9999999999999999, %r9\n"
    "  movabs $0xaaaaaaaaaaaaaaaa, %r10\n movabs $0xbbbbbbbbbbbbbbbb, %r11\n"
    "  movabs $0xcccccccccccccccc, %r12\n movabs $0xdddddddddddddddd, %r13\n"
    "  movabs $0xeeeeeeeeeeeeeeee, %r14\n movabs $0xf0f0f0f0f0f0f0f0, %r15\n"
    "departure: ud2\n"
    "return_point: ud2\n"
    "interrupted_point: ud2\n"
    /* Destroys what a C function may, the result in rax apart. */
    "destroy:\n"
    "  cmpl $0, has_avx512(%rip)\n je 1f\n" ALL(ONES_ZMM) UPPER(ONES_ZMM) MASKS(ONES_MASK) "  jmp 3f\n"
    "1: cmpl $0, has_avx(%rip)\n je 2f\n" ALL(ONES_YMM) "  jmp 3f\n"
    "2:\n" ALL(ONES_XMM)
    "3: fldlg2\n fstp %st(0)\n push $0x5fbf\n ldmxcsr (%rsp)\n pop %rcx\n" /* flags that operations leave behind */
    "  movabs $0xdeadbeefdeadbeef, %rcx\n mov %rcx, %rdx\n mov %rcx, %rsi\n mov %rcx, %rdi\n"
    "  mov %rcx, %r8\n mov %rcx, %r9\n mov %rcx, %r10\n mov %rcx, %r11\n"
    "  add %rcx, %rcx\n ret\n");

#define FAKE(index) \
    "fake_" #index ": pushf\n pop %r9\n and $0x400, %r9d\n mov %rsp, %rax\n and $15, %eax\n or %rax, %r9\n" \
    "  mov %rcx, %r8\n mov %rdx, %rcx\n mov %rsi, %rdx\n mov %rdi, %rsi\n" \
    "  mov $" #index ", %edi\n sub $8, %rsp\n call called\n add $8, %rsp\n jmp destroy\n"
#define ENTRY(index) ".quad fake_" #index "\n"
#define EACH_FAKE(op) op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13) op(14) \
    op(15) op(16) op(17) op(18)
asm(EACH_FAKE(FAKE) ".data\n.balign 8\npython_functions:\n" EACH_FAKE(ENTRY) ".text\n");

/* Sum of the differences in what a function must preserve. */
asm("call_checked:\n"
    "  push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n sub $8, %rsp\n"
    "  mov $1, %ebx\n mov $2, %ebp\n mov $3, %r12d\n mov $4, %r13d\n mov $5, %r14d\n mov $6, %r15d\n"
    "  mov %rdi, %rax\n mov %rsi, %rdi\n call *%rax\n"
    "  cltq\n xor $1, %rbx\n xor $2, %rbp\n xor $3, %r12\n xor $4, %r13\n xor $5, %r14\n xor $6, %r15\n"
    "  or %rbx, %rax\n or %rbp, %rax\n or %r12, %rax\n or %r13, %rax\n or %r14, %rax\n or %r15, %rax\n"
    "  add $8, %rsp\n pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n ret\n");
