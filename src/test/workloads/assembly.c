/* leaf <- one of four functions in assembly, which nothing describes <- handler <- main. */
#include "truth.h"

FRAME unsigned leaf(unsigned n)
{
	unsigned total = 1;
	for (unsigned i = 0; i < n; i++) {
		total = total * 31 + i;
		__asm__ volatile("" : "+r"(total));
	}
	return total;
}

#define FUNCTION(name, code) \
	__asm__(".text\n.p2align 4\n.globl " #name "\n.type " #name ",@function\n" #name ":\n" code ".size " #name ",.-" #name "\n"); \
	unsigned name(unsigned n)

/* Registers saved by pushes, a loop. */
FUNCTION(pushes,
	"push %rbx\n push %rbp\n sub $24,%rsp\n mov %edi,%ebx\n mov $4,%ebp\n"
	"1: mov %ebx,%edi\n call leaf\n dec %ebp\n jnz 1b\n"
	"add $24,%rsp\n pop %rbp\n pop %rbx\n ret\n");

/* The old stack pointer in rbx, as in OpenBLAS. */
FUNCTION(aligned,
	"push %rbx\n mov %rsp,%rbx\n sub $4096,%rsp\n and $-4096,%rsp\n call leaf\n mov %rbx,%rsp\n pop %rbx\n ret\n");

/* The old stack pointer in a slot. */
FUNCTION(slotted,
	"mov %rsp,%rax\n sub $64,%rsp\n and $-64,%rsp\n mov %rax,8(%rsp)\n call leaf\n mov 8(%rsp),%rsp\n ret\n");

/* A frame pointer, two ways that join, and rbp for something else in between. */
FUNCTION(jumping,
	"push %rbp\n mov %rsp,%rbp\n push %rbx\n sub $24,%rsp\n test $1,%edi\n jz 2f\n"
	"call leaf\n jmp 3f\n .byte 0xff, 0xff, 0xff\n"
	"2: call leaf\n mov %eax,%ebx\n"
	"3: mov -8(%rbp),%rbx\n leave\n ret\n");

FRAME unsigned handler(unsigned n)
{
	unsigned total = pushes(n) ^ aligned(n) ^ slotted(n) ^ jumping(n) ^ jumping(n + 1);
	KEEP_CALLER();
	return total;
}

int main(int argc, char **argv)
{
	ready(argc, argv);
	for (;;)
		handler(1000);
}
