// A program whose names are not harmless: hostile COMM MAPNAME, both in hexadecimal. Its thread is called COMM; half of the time
// that it does not sleep it runs in memory that its perf map calls MAPNAME, the other half in the function whose name a test has
// overwritten in the file.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

// mov $5000000, %ecx; 1: dec %ecx; jnz 1b; ret
static const unsigned char loop[] = {0xb9, 0x40, 0x4b, 0x4c, 0x00, 0xff, 0xc9, 0x75, 0xfc, 0xc3};

static char *unhex(const char *hex) {
    char *text = calloc(strlen(hex) / 2 + 1, 1);
    for (size_t i = 0; hex[2 * i]; i++) {
        unsigned byte;
        sscanf(hex + 2 * i, "%2x", &byte);
        text[i] = (char)byte;
    }
    return text;
}

__attribute__((noinline)) void NAME_TO_BE_OVERWRITTEN(void) {
    for (volatile int i = 0; i < 2000000; i++) {
    }
}

int main(int argc, char **argv) {
    void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(code, loop, sizeof loop);
    char file[64];
    snprintf(file, sizeof file, "/tmp/perf-%d.map", getpid());
    FILE *map = fopen(file, "w");
    fprintf(map, "%lx 1000 %s\n", (unsigned long)code, unhex(argv[2]));
    fclose(map);
    prctl(PR_SET_NAME, unhex(argv[1]));
    puts("ready");
    fflush(stdout);
    for (;;) {
        ((void (*)(void))code)();
        NAME_TO_BE_OVERWRITTEN();
        usleep(8000);
    }
}
