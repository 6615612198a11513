/*
 * Runs in code of its own, in a function with a name and, with "made", in code that it has made and described in a perf map:
 *   filler [made LINES]    LINES entries of one byte come before that of the code
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile unsigned long work;

__attribute__((noinline)) static void work_with_a_name(void) {
  for (int i = 0; i < 1000000; i++) work += i;
}

/* counts down from what it is given: mov %rdi, %rcx; loop . ; ret */
static const unsigned char code[] = {0x48, 0x89, 0xf9, 0xe2, 0xfe, 0xc3};

static void (*make(long lines))(long) {
  void *made = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(made, code, sizeof code);
  char name[64];
  snprintf(name, sizeof name, "/tmp/perf-%d.map", getpid());
  FILE *map = fopen(name, "w");
  for (long line = 1; line <= lines; line++) fprintf(map, "%lx 1 a\n", line);
  fprintf(map, "%lx %zx made_with_a_name\n", (long)made, sizeof code);
  fclose(map);
  return (void (*)(long))made;
}

int main(int argc, char **argv) {
  void (*made)(long) = argc > 2 && strcmp(argv[1], "made") == 0 ? make(atol(argv[2])) : NULL;
  puts("ready");
  fflush(stdout);
  for (;;) {
    work_with_a_name();
    if (made) made(1000000);
    usleep(3000); /* four of these leave the machine to those that look at them */
  }
}
