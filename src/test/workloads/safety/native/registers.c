/* Holds values in all registers of a thread, those of the vector units, x87 and the flags included, and looks whether they stay. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The offsets are those of hold.S. */
struct registers {
    unsigned char vectors[32][64];
    uint64_t masks[8];
    unsigned char x87[8][10];
    uint64_t red_zone[16];
    uint64_t general[11]; /* rbx rbp rdx rsi rdi r8 r9 r10 r12 r13 r14 */
    uint32_t mxcsr;
    uint16_t x87_control;
    uint16_t unused;
    uint64_t flags;
    uint64_t r15;
    uint64_t left; /* 0 where the wait ended as it should */
};
_Static_assert(offsetof(struct registers, masks) == 2048, "masks");
_Static_assert(offsetof(struct registers, x87) == 2112, "x87");
_Static_assert(offsetof(struct registers, red_zone) == 2192, "red zone");
_Static_assert(offsetof(struct registers, general) == 2320, "general");
_Static_assert(offsetof(struct registers, mxcsr) == 2408, "mxcsr");
_Static_assert(offsetof(struct registers, flags) == 2416, "flags");

enum { RSI = 3, RDI = 4 };
enum { ARITHMETIC_AND_DIRECTION = 0xcd5, ALWAYS = 2, INTERRUPTS = 0x200 };
enum { ROUND_DOWN_FLUSH_TO_ZERO = 0xbfe0, ROUND_UP = 0x0b7f };

void hold(const struct registers *in, struct registers *out, long spins, const struct timespec *nap, long width);

static long vector_width(void) {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512bw")) {
        return 64;
    }
    return __builtin_cpu_supports("avx") ? 32 : 16;
}

static void fill(void *to, size_t size, uint64_t *seed) {
    for (unsigned char *byte = to; size-- > 0; byte++) {
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        *byte = (unsigned char)(*seed >> 56);
    }
}

/* Any pattern will do, except in x87, where some are not numbers and would not be stored as they were loaded. */
static void prepare(struct registers *in, uint64_t seed) {
    fill(in, sizeof *in, &seed);
    for (int i = 0; i < 8; i++) {
        in->x87[i][7] |= 0x80;
        in->x87[i][9] &= 0x3f;
    }
    in->mxcsr = ROUND_DOWN_FLUSH_TO_ZERO;
    in->x87_control = ROUND_UP;
    in->flags = (seed & ARITHMETIC_AND_DIRECTION) | ALWAYS | INTERRUPTS;
    in->left = 0;
}

static const char *difference(const struct registers *in, const struct registers *out, long width) {
    for (int i = 0; i < (width == 64 ? 32 : 16); i++) {
        if (memcmp(in->vectors[i], out->vectors[i], width) != 0) {
            return memcmp(in->vectors[i], out->vectors[i], 16) != 0 ? "a vector register" : "the upper part of a vector register";
        }
    }
    if (width == 64 && memcmp(in->masks, out->masks, sizeof in->masks) != 0) {
        return "a mask register";
    }
    if (memcmp(in->x87, out->x87, sizeof in->x87) != 0 || in->x87_control != out->x87_control) {
        return "x87";
    }
    if (in->mxcsr != out->mxcsr) {
        return "MXCSR";
    }
    if (memcmp(in->red_zone, out->red_zone, sizeof in->red_zone) != 0) {
        return "the red zone";
    }
    if (memcmp(in->general, out->general, sizeof in->general) != 0 || in->r15 != out->r15) {
        return "a general register";
    }
    if (in->flags != out->flags) {
        return "the flags";
    }
    return out->left == 0 ? NULL : "the result of a system call";
}

/* Holds for `rounds` times `spins` turns of a loop, or sleeps of `micros` each; NULL, or what changed. */
const char *registers_hold(long rounds, long spins, long micros, uint64_t seed) {
    struct registers in, out;
    struct timespec nap = {micros / 1000000, micros % 1000000 * 1000};
    long width = vector_width();
    for (long round = 0; round < rounds; round++) {
        prepare(&in, seed + (uint64_t)round);
        if (spins == 0) {
            in.general[RSI] = 0;
            in.general[RDI] = (uint64_t)&nap;
        }
        memset(&out, 0, sizeof out);
        hold(&in, &out, spins, &nap, width);
        const char *changed = difference(&in, &out, width);
        if (changed != NULL) {
            return changed;
        }
    }
    return NULL;
}
