// Runs code that it has made, in memory that looks like a file in /proc/<pid>/maps: "zero" is shared anonymous memory, "memfd" a
// memfd_create(2), "file" a file in the directory given, removed once it is mapped.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SIZE = 1 << 16, FUNCTIONS = 64, APART = 256 };

static void *memory(const char *kind, const char *directory) {
  int rwx = PROT_READ | PROT_WRITE | PROT_EXEC;
  if (strcmp(kind, "zero") == 0) {
    return mmap(NULL, SIZE, rwx, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  }
  char path[4096];
  snprintf(path, sizeof path, "%s/jit-code", directory);
  int fd = strcmp(kind, "memfd") == 0 ? memfd_create("vmem", 0) : open(path, O_RDWR | O_CREAT, 0600);
  ftruncate(fd, SIZE);
  void *code = mmap(NULL, SIZE, rwx, MAP_SHARED, fd, 0);
  unlink(path);
  close(fd);
  return code;
}

int main(int argc, char **argv) {
  // mov $100000, %ecx; 1: dec %ecx; jnz 1b; ret
  static const unsigned char loop[] = {0xb9, 0xa0, 0x86, 0x01, 0, 0xff, 0xc9, 0x75, 0xfc, 0xc3};
  unsigned char *code = argc < 3 ? MAP_FAILED : memory(argv[1], argv[2]);
  if (code == MAP_FAILED) {
    return 1;
  }
  for (int i = 0; i < FUNCTIONS; i++) {
    memcpy(code + i * APART, loop, sizeof loop);
  }
  puts("ready");
  fflush(stdout);
  for (unsigned i = 0;; i++) {
    ((void (*)(void))(code + i % FUNCTIONS * APART))();
  }
}
