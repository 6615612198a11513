/* aarch64: registers, the 128-bit vectors, flags, the processor state that no C function looks at. */
#include <asm/sigcontext.h>

#define RED_ZONE 0
/* Pages that check where an indirect call leads. */
#define EXECUTABLE (PROT_READ | PROT_EXEC | 0x10)
#define BRANCH_TYPE 0xc00

struct snapshot {
    uint64_t registers[31];
    uint64_t stack_pointer;
    uint64_t result;
    uint64_t processor_state;
    uint32_t fpsr, fpcr;
    unsigned char vectors[32 * 16];
};

extern char departure[];
void depart(char *stack_pointer) __attribute__((noreturn));
long call_checked(long (*function)(long), long argument);

unsigned char pattern[32 * 16];

static unsigned vector_bytes(void)
{
    for (size_t index = 0; index < sizeof pattern; index++)
        pattern[index] = (unsigned char)(index * 37 + 11);
    return 528;
}

static uintptr_t program_counter(const ucontext_t *context)
{
    return context->uc_mcontext.pc;
}

static const struct fpsimd_context *floating_point(const ucontext_t *context)
{
    const struct _aarch64_ctx *at = (const void *)context->uc_mcontext.__reserved;
    while (at->magic && at->magic != FPSIMD_MAGIC)
        at = (const void *)((const char *)at + at->size);
    return (const void *)at;
}

static void take(struct snapshot *to, const ucontext_t *context)
{
    const struct fpsimd_context *vectors = floating_point(context);
    memcpy(to->registers, context->uc_mcontext.regs, sizeof to->registers);
    to->result = to->registers[0];
    to->stack_pointer = context->uc_mcontext.sp;
    to->processor_state = context->uc_mcontext.pstate;
    to->fpsr = vectors->fpsr;
    to->fpcr = vectors->fpcr;
    memcpy(to->vectors, vectors->vregs, sizeof to->vectors);
}

/* As if stopped just behind an indirect branch. The tracer clears that and changes the program counter. */
static void send(ucontext_t *context, uintptr_t pc, struct snapshot *as)
{
    as->processor_state |= BRANCH_TYPE;
    context->uc_mcontext.pc = pc;
}

static void compare(const struct snapshot *a, const struct snapshot *b)
{
    for (int index = 1; index < 31; index++)
        if (a->registers[index] != b->registers[index])
            printf("differs x%d: %" PRIx64 " %" PRIx64 "\n", index, a->registers[index], b->registers[index]);
    if (a->stack_pointer != b->stack_pointer)
        printf("differs sp: %" PRIx64 " %" PRIx64 "\n", a->stack_pointer, b->stack_pointer);
    if (a->processor_state != b->processor_state)
        printf("differs pstate: %" PRIx64 " %" PRIx64 "\n", a->processor_state, b->processor_state);
    if (a->fpsr != b->fpsr || a->fpcr != b->fpcr)
        printf("differs fpsr, fpcr: %x %x, %x %x\n", a->fpsr, a->fpcr, b->fpsr, b->fpcr);
    for (int index = 0; index < 32 * 16; index++)
        if (a->vectors[index] != b->vectors[index])
            printf("differs v%d at %d: %02x %02x\n", index / 16, index % 16, a->vectors[index], b->vectors[index]);
    printf("components %" PRIx64 "\n", a->processor_state);
}

/* AAPCS64, 6.4.5.1: the stack pointer is a multiple of 16. */
#define CALLABLE 0

#define VECTORS(op) \
    op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13) op(14) op(15) op(16) \
    op(17) op(18) op(19) op(20) op(21) op(22) op(23) op(24) op(25) op(26) op(27) op(28) op(29) op(30) op(31)
#define VOLATILE_VECTORS(op) \
    op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(16) op(17) op(18) op(19) op(20) op(21) op(22) op(23) op(24) \
    op(25) op(26) op(27) op(28) op(29) op(30) op(31)
#define VOLATILE_HALVES(op) op(8) op(9) op(10) op(11) op(12) op(13) op(14) op(15)
#define LOAD(n) "  ldr q" #n ", [x1, #16*" #n "]\n"
#define ONES(n) "  movi v" #n ".16b, #255\n"
#define UPPER_ONES(n) "  ins v" #n ".d[1], x1\n"
#define FILL(n, digits) "  ldr x" #n ", =0x" #digits #digits #digits #digits "\n"

asm(".arch armv8.5-a\n.text\n.globl depart, departure, return_point, interrupted_point, call_checked, python_functions\n"
    "depart:\n"
    "  adrp x1, pattern\n add x1, x1, :lo12:pattern\n" VECTORS(LOAD)
    "  mov sp, x0\n"
    "  ldr x1, =0x0800001f\n msr fpsr, x1\n" /* saturation and five exceptions, as left by earlier operations */
    "  mov x1, #0x00c00000\n msr fpcr, x1\n" /* round towards zero */
    "  msr dit, #1\n"
    "  mov x1, #0xf0000000\n msr nzcv, x1\n"
    FILL(0, 1000) FILL(1, 1001) FILL(2, 1002) FILL(3, 1003) FILL(4, 1004) FILL(5, 1005) FILL(6, 1006) FILL(7, 1007)
    FILL(8, 1008) FILL(9, 1009) FILL(10, 1010) FILL(11, 1011) FILL(12, 1012) FILL(13, 1013) FILL(14, 1014) FILL(15, 1015)
    FILL(16, 1016) FILL(17, 1017) FILL(18, 1018) FILL(19, 1019) FILL(20, 1020) FILL(21, 1021) FILL(22, 1022)
    FILL(23, 1023) FILL(24, 1024) FILL(25, 1025) FILL(26, 1026) FILL(27, 1027) FILL(28, 1028) FILL(29, 1029) FILL(30, 1030)
    "departure: udf #0\n"
    "return_point: udf #0\n"
    "interrupted_point: udf #0\n"
    ".ltorg\n"
    /* Destroys what a C function may, the result in x0 apart. */
    "destroy:\n"
    "  mov x1, #0xdead\n" VOLATILE_VECTORS(ONES) VOLATILE_HALVES(UPPER_ONES)
    "  mov x2, x1\n mov x3, x1\n mov x4, x1\n mov x5, x1\n mov x6, x1\n mov x7, x1\n mov x8, x1\n mov x9, x1\n"
    "  mov x10, x1\n mov x11, x1\n mov x12, x1\n mov x13, x1\n mov x14, x1\n mov x15, x1\n mov x16, x1\n"
    "  mov x17, x1\n mov x18, x1\n msr fpsr, xzr\n cmp x1, x1\n"
    "  ldp x29, x30, [sp], #16\n ret\n");

#define FAKE(index) \
    "fake_" #index ": bti c\n stp x29, x30, [sp, #-16]!\n mov x29, sp\n" \
    "  mov x4, x3\n mov x3, x2\n mov x2, x1\n mov x1, x0\n mov x5, sp\n and x5, x5, #15\n mov x0, #" #index "\n bl called\n b destroy\n"
#define ENTRY(index) ".quad fake_" #index "\n"
#define EACH_FAKE(op) op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13) op(14) \
    op(15) op(16) op(17) op(18)
asm(EACH_FAKE(FAKE) ".data\n.balign 8\npython_functions:\n" EACH_FAKE(ENTRY) ".text\n");

/* Sum of the differences in what a function must preserve; x29 is the frame. */
asm("call_checked:\n"
    "  stp x29, x30, [sp, #-96]!\n mov x29, sp\n stp x19, x20, [sp, #16]\n stp x21, x22, [sp, #32]\n"
    "  stp x23, x24, [sp, #48]\n stp x25, x26, [sp, #64]\n stp x27, x28, [sp, #80]\n"
    "  mov x19, #19\n mov x20, #20\n mov x21, #21\n mov x22, #22\n mov x23, #23\n mov x24, #24\n mov x25, #25\n"
    "  mov x26, #26\n mov x27, #27\n mov x28, #28\n"
    "  mov x2, x0\n mov x0, x1\n blr x2\n sxtw x0, w0\n"
    "  mov x2, sp\n sub x2, x29, x2\n orr x0, x0, x2\n"
    "  sub x19, x19, #19\n sub x20, x20, #20\n sub x21, x21, #21\n sub x22, x22, #22\n sub x23, x23, #23\n"
    "  sub x24, x24, #24\n sub x25, x25, #25\n sub x26, x26, #26\n sub x27, x27, #27\n sub x28, x28, #28\n"
    "  orr x0, x0, x19\n orr x0, x0, x20\n orr x0, x0, x21\n orr x0, x0, x22\n orr x0, x0, x23\n"
    "  orr x0, x0, x24\n orr x0, x0, x25\n orr x0, x0, x26\n orr x0, x0, x27\n orr x0, x0, x28\n"
    "  ldp x19, x20, [sp, #16]\n ldp x21, x22, [sp, #32]\n ldp x23, x24, [sp, #48]\n ldp x25, x26, [sp, #64]\n"
    "  ldp x27, x28, [sp, #80]\n ldp x29, x30, [sp], #96\n ret\n");
