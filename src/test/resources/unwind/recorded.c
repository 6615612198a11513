/* Records its own stack in a function far from main: registers, memory, mappings, and where each function returns to, as the
 * compiler says (__builtin_return_address). Argument: the file for the stack's memory. Prints
 *   register NUMBER VALUE | return ADDRESS | exact ADDRESS, leaf first | stack START | maps, then /proc/self/maps
 */
#define _GNU_SOURCE
#include <alloca.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))
#define NOTE() note("return", __builtin_return_address(0))

static struct {
    const char *kind;
    void *address;
} notes[64];
static int depth;
static unsigned long registers[17];
static const char *file;

static void note(const char *kind, void *address) {
    notes[depth].kind = kind;
    notes[depth++].address = address;
}

NOINLINE static void print_all(void) {
    unsigned long start = registers[7];
    int to = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (to < 0 || write(to, (void *)start, (char *)environ - (char *)start) < 0) {
        exit(1);
    }
    close(to);
    printf("stack %lx\n", start);
    for (int i = 0; i < 17; i++) {
        printf("register %d %lx\n", i, registers[i]);
    }
    while (depth--) {
        printf("%s %lx\n", notes[depth].kind, (unsigned long)notes[depth].address);
    }
    printf("maps\n");
    fflush(stdout);
    static char text[65536];
    int maps = open("/proc/self/maps", O_RDONLY);
    for (ssize_t n; (n = read(maps, text, sizeof text)) > 0;) {
        fwrite(text, 1, n, stdout);
    }
    fflush(stdout);
    _exit(0);
}

NOINLINE static void leaf(void) {
    NOTE();
    __asm__ volatile("mov %%rbx, 24(%0)\n mov %%rbp, 48(%0)\n mov %%rsp, 56(%0)\n mov %%r10, 80(%0)\n"
                     "lea 1f(%%rip), %%rax\n 1: mov %%rax, 128(%0)\n"
                     :
                     : "r"(registers)
                     : "rax", "memory");
    print_all();
    __asm__ volatile("");
}

static int recursive(int n);
static int (*volatile again)(int) = recursive; /* else a compiler makes a loop of it */

NOINLINE static int recursive(int n) {
    NOTE();
    if (n) {
        return again(n - 1) + n;
    }
    leaf();
    return 1;
}

NOINLINE static int realigned(int n, char *more) {
    char aligned[128] __attribute__((aligned(64)));
    char *space = alloca(n);
    NOTE();
    memset(space, 0, n);
    memset(aligned, n, sizeof aligned);
    __asm__ volatile("" ::"r"(aligned), "r"(space) : "memory");
    return recursive(5) + aligned[n & 63] + more[0];
}

static int compare(const void *a, const void *b) {
    (void)a;
    NOTE();
    return realigned(100, (char *)b) + 1;
}

static void handler(int signal) {
    NOTE();
    int numbers[4] = {4, 3, signal, 1};
    qsort(numbers, 4, sizeof *numbers, compare);
    __asm__ volatile("" ::"r"(numbers) : "memory");
}

/* kill(getpid(), SIGUSR1): the signal comes when the system call returns. */
NOINLINE static long interrupted(void) {
    void *behind;
    NOTE();
    __asm__ volatile("lea 1f(%%rip), %0" : "=r"(behind));
    note("exact", behind);
    long result = 62;
    __asm__ volatile("syscall\n1:" : "+a"(result) : "D"(getpid()), "S"(SIGUSR1) : "rcx", "r11", "memory");
    return result + 1;
}

int main(int count, char **arguments) {
    NOTE();
    if (count < 2) {
        return 2;
    }
    file = arguments[1];
    signal(SIGUSR1, handler);
    return (int)interrupted() + 3;
}
