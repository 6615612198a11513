/*
 * void hold(const struct registers *in, struct registers *out, long spins, const struct timespec *nap, long width)
 *
 * Loads every register that a thread has, waits without touching one of them, and stores them all: whatever differs then was
 * changed by somebody else. It waits in a loop of `spins`, or, where that is 0, in nanosleep(nap), which the kernel lets change
 * rax, rcx and r11 only. `width` is 16, 32 or 64 bytes a vector register. The offsets are those of struct registers.
 */
#define VECTORS 0
#define MASKS 2048
#define X87 2112
#define RED_ZONE 2192
#define GENERAL 2320
#define MXCSR 2408
#define X87_CONTROL 2412
#define FLAGS 2416

#define NANOSLEEP 35

	.text
	.globl hold
	.type hold, @function
hold:
	push %rbp
	push %rbx
	push %r12
	push %r13
	push %r14
	push %r15
	push %r8
	push %rdx
	push %rcx
	push %rsi

	ldmxcsr MXCSR(%rdi)
	fninit
	.irp n, 7, 6, 5, 4, 3, 2, 1, 0
	fldt X87 + 10 * \n(%rdi)
	.endr
	fldcw X87_CONTROL(%rdi)
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	mov RED_ZONE + 8 * \n(%rdi), %rax
	mov %rax, -128 + 8 * \n(%rsp)
	.endr

	cmp $32, %r8
	je 2f
	ja 3f
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movups VECTORS + 64 * \n(%rdi), %xmm\n
	.endr
	jmp 4f
2:	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vmovups VECTORS + 64 * \n(%rdi), %ymm\n
	.endr
	jmp 4f
3:	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	vmovups VECTORS + 64 * \n(%rdi), %zmm\n
	.endr
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7
	kmovq MASKS + 8 * \n(%rdi), %k\n
	.endr
4:
	mov GENERAL + 0(%rdi), %rbx
	mov GENERAL + 8(%rdi), %rbp
	mov GENERAL + 16(%rdi), %rdx
	mov GENERAL + 40(%rdi), %r8
	mov GENERAL + 48(%rdi), %r9
	mov GENERAL + 56(%rdi), %r10
	mov GENERAL + 64(%rdi), %r12
	mov GENERAL + 72(%rdi), %r13
	mov GENERAL + 80(%rdi), %r14
	mov FLAGS + 8(%rdi), %r15
	/* The flags last: what follows must leave them alone. popf reads above the red zone, so rsp moves past it for a moment. */
	lea -136(%rsp), %rsp
	push FLAGS(%rdi)
	popf
	lea 136(%rsp), %rsp
	mov 16(%rsp), %rcx
	jrcxz 6f
	mov GENERAL + 24(%rdi), %rsi
	mov GENERAL + 32(%rdi), %rdi
5:	lea -1(%rcx), %rcx
	jrcxz 7f
	jmp 5b
6:	mov GENERAL + 24(%rdi), %rsi
	mov 8(%rsp), %rdi
	mov $0, %esi
	mov $NANOSLEEP, %eax
	syscall
	mov %rax, %rcx
7:
	/* rcx is 0 where all went well: the counter at its end, or the result of nanosleep. */
	xchg %rcx, %rax
	mov (%rsp), %rcx
	mov %rax, FLAGS + 16(%rcx)
	mov %rbx, GENERAL + 0(%rcx)
	mov %rbp, GENERAL + 8(%rcx)
	mov %rdx, GENERAL + 16(%rcx)
	mov %rsi, GENERAL + 24(%rcx)
	mov %rdi, GENERAL + 32(%rcx)
	mov %r8, GENERAL + 40(%rcx)
	mov %r9, GENERAL + 48(%rcx)
	mov %r10, GENERAL + 56(%rcx)
	mov %r12, GENERAL + 64(%rcx)
	mov %r13, GENERAL + 72(%rcx)
	mov %r14, GENERAL + 80(%rcx)
	mov %r15, FLAGS + 8(%rcx)
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	mov -128 + 8 * \n(%rsp), %rax
	mov %rax, RED_ZONE + 8 * \n(%rcx)
	.endr
	lea -136(%rsp), %rsp
	pushf
	pop FLAGS(%rcx)
	lea 136(%rsp), %rsp
	cld
	stmxcsr MXCSR(%rcx)
	fnstcw X87_CONTROL(%rcx)
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7
	fstpt X87 + 10 * \n(%rcx)
	.endr

	mov 24(%rsp), %rax
	cmp $32, %rax
	je 2f
	ja 3f
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movups %xmm\n, VECTORS + 64 * \n(%rcx)
	.endr
	jmp 4f
2:	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vmovups %ymm\n, VECTORS + 64 * \n(%rcx)
	.endr
	vzeroupper
	jmp 4f
3:	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	vmovups %zmm\n, VECTORS + 64 * \n(%rcx)
	.endr
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7
	kmovq %k\n, MASKS + 8 * \n(%rcx)
	.endr
	vzeroupper
4:
	push $0x1f80
	ldmxcsr (%rsp)
	add $8, %rsp
	fninit
	add $32, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbx
	pop %rbp
	ret
	.size hold, . - hold
	.section .note.GNU-stack, "", @progbits
