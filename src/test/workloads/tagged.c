/* Returns nowhere: where its caller should be, there is a word that begins as those of Python frames do. */
#include <stdio.h>

__asm__(".type spin, @function\n"
	"spin:\n"
	"	.cfi_startproc\n"
	"	movabs $0xA000000012345678, %rax\n"
	"	push %rax\n" /* as if it were the return address */
	"1:	jmp 1b\n"
	"	.cfi_endproc\n"
	"	.size spin, . - spin\n");

void spin(void);

int main(void)
{
	puts("ready");
	fflush(stdout);
	spin();
}
