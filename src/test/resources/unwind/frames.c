/* Functions whose frames compilers and assemblers describe in unusual ways. */
#include <alloca.h>
#include <string.h>

extern void use(void *pointer);
void use(void *pointer) { __asm__ volatile("" ::"r"(pointer) : "memory"); }

/* DRAP: an aligned local beside a frame of variable size; the arguments are found through a pointer. */
__attribute__((noinline)) int realigned(int n, int a, int b, int c, int d, int e, int on_stack) {
    char aligned[128] __attribute__((aligned(64)));
    char *more = alloca(n);
    memset(aligned, on_stack, sizeof aligned);
    use(more);
    use(aligned);
    return aligned[n & 63] + a + b + c + d + e + on_stack;
}

/* A frame of more than 255 words. */
__attribute__((noinline)) void large(void) {
    char array[100000];
    use(array);
}

__attribute__((noinline)) int recursive(int n) {
    int local[4] = {n};
    use(local);
    return n == 0 ? local[0] : recursive(n - 1) + local[1];
}

/* All registers that calls preserve, with an early way out: remember_state and restore_state. */
__attribute__((noinline)) long many(long a, long b, long c, long d, long e, long f) {
    if (a == 0) {
        return 1;
    }
    long s = recursive(a), t = recursive(b), u = recursive(c), v = recursive(d), w = recursive(e);
    return s * t + u * v + w + f + recursive(s + t + u + v + w);
}

__asm__(".text\n"
        ".type by_hand, @function\n"
        "by_hand:\n"
        ".cfi_startproc\n"
        "push %rbp\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset %rbp, 0\n"
        "push %rbx\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset %rbx, 0\n"
        "nop\n.cfi_def_cfa %rbx, 24\n"            /* CFA from rbx, as in _dl_runtime_resolve */
        "nop\n.cfi_def_cfa %r10, 8\n"             /* from a register known only in the leaf */
        "nop\n.cfi_def_cfa %rsp, 20\n"            /* not a multiple of a word */
        "nop\n.cfi_def_cfa %rsp, -8\n"            /* negative */
        "nop\n.cfi_def_cfa %rsp, 2040\n"          /* the largest of a short row */
        "nop\n.cfi_def_cfa_offset 2048\n"         /* the smallest that is none */
        "nop\n.cfi_offset %rbx, -248\n"
        "nop\n.cfi_offset %rbx, -256\n"
        "nop\n.cfi_offset %rbp, 16\n"             /* above the CFA */
        "nop\n.cfi_same_value %rbp\n"
        "nop\n.cfi_register %rbp, %rdx\n"
        "nop\n.cfi_escape 0x14, 6, 2\n"           /* val_offset rbp */
        "nop\n.cfi_escape 0x15, 6, 0x7e\n"        /* val_offset_sf rbp */
        "nop\n.cfi_escape 0x16, 6, 2, 0x76, 0\n"  /* val_expression rbp: breg6 0 */
        "nop\n.cfi_escape 0x10, 6, 2, 0x76, 0x78\n" /* expression rbp: breg6 -8 */
        "nop\n.cfi_escape 0x2f, 6, 2\n"           /* GNU_negative_offset_extended rbp */
        "nop\n.cfi_escape 0x05, 6, 3\n"           /* offset_extended rbp */
        "nop\n.cfi_escape 0x11, 6, 0x7c\n"        /* offset_extended_sf rbp */
        "nop\n.cfi_escape 0x06, 6\n"              /* restore_extended rbp */
        "nop\n.cfi_escape 0x12, 7, 0x7d\n"        /* def_cfa_sf rsp */
        "nop\n.cfi_escape 0x13, 0x7c\n"           /* def_cfa_offset_sf */
        "nop\n.cfi_remember_state\n.cfi_remember_state\n"
        ".cfi_def_cfa %rbp, 16\n"
        "nop\n.cfi_restore_state\n.cfi_def_cfa_register %rbp\n"
        "nop\n.cfi_restore_state\n.cfi_restore %rbx\n"
        ".skip 300, 0x90\n.cfi_def_cfa_offset 40\n"   /* advance_loc2 */
        ".skip 70000, 0x90\n.cfi_def_cfa_offset 48\n" /* advance_loc4, over pages */
        ".cfi_escape 0x2e, 16\n"                  /* GNU_args_size */
        "nop\n.cfi_offset %rip, -24\n"
        "nop\n.cfi_offset %rip, -8\n.cfi_escape 0x14, 7, 0\n" /* val_offset rsp 0: what holds anyway */
        "nop\n.cfi_escape 0x15, 7, 0x7f\n"        /* val_offset_sf rsp 8 */
        "nop\n.cfi_restore %rsp\n.cfi_register %rip, %rcx\n"
        "nop\n.cfi_undefined %rip\n"
        "ret\n"
        ".cfi_endproc\n"
        ".type by_expression, @function\n"
        "by_expression:\n"
        ".cfi_startproc\n"
        "nop\n.cfi_escape 0x0f, 5, 0x77, 40, 0x06, 0x23, 8\n" /* breg7 40; deref; plus_uconst 8 */
        "nop\n.cfi_escape 0x10, 3, 2, 0x76, 0x70\n"           /* expression rbx: breg6 -16 */
        "nop\nret\n"
        ".cfi_endproc\n"
        ".type by_loss, @function\n"
        "by_loss:\n"
        ".cfi_startproc\n"
        ".cfi_undefined %rbx\n"
        ".cfi_undefined %rbp\n"
        "nop\nret\n"
        ".cfi_endproc\n"
        ".type by_unknown, @function\n"
        "by_unknown:\n"
        ".cfi_startproc\n"
        "nop\n.cfi_escape 0x0f, 4, 0x77, 8, 0x20, 0x96\n"     /* breg7 8; not; nop */
        "nop\nret\n"
        ".cfi_endproc\n");

int main(int argc, char **argv) {
    (void)argv;
    large();
    return realigned(argc, 1, 2, 3, 4, 5, 6) + (int)many(argc, 1, 1, 1, 1, 1);
}
