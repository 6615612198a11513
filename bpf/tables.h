/* From an address to the rule that unwinds it: mapping, page, row. Every search is logarithmic. */
#pragma once
#include "maps.h"

enum {
    MAPPING_WORDS = sizeof(struct code_mapping) / 4,
    RULE_WORDS = sizeof(struct unwind_rule) / 4,
    CPYTHON_WORDS = sizeof(struct cpython) / 4,
    HOTSPOT_WORDS = sizeof(struct hotspot) / 4,
    LOWEST_CODE = 0x10000,   /* /proc/sys/vm/mmap_min_addr as a rule */
};

#define CODE_REGION (1ULL << 30) /* calls in code of one maker are relative: it lies together */

ALWAYS_INLINE u32 stop(u32 end) { return ROW_STOP << ROW_OP_SHIFT | end; }

ALWAYS_INLINE u32 row_rsp(u32 cfa, u32 rbp) {
    return ROW_RSP << ROW_OP_SHIFT | cfa << ROW_CFA_SHIFT | rbp << ROW_RBP_SHIFT;
}

ALWAYS_INLINE u32 row_frame_pointer(void) {
    return ROW_RBP << ROW_OP_SHIFT | 2 << ROW_CFA_SHIFT | 2 << ROW_RBP_SHIFT;
}

ALWAYS_INLINE u32 row_rule(u32 index) { return ROW_RULE << ROW_OP_SHIFT | index; }

/* The slab that holds a word address. */
ALWAYS_INLINE u32 *slab_of(u32 word) {
    u32 number = word / SLAB_WORDS, zero = 0;
    void *slab = bpf_map_lookup_elem(&slabs, &number);
    return slab ? bpf_map_lookup_elem(slab, &zero) : 0;
}

/* The last mapping that starts at or before the address, copied to walk->mapping; 0 where the address is in none. */
ALWAYS_INLINE int find_mapping(struct walk *walk, u64 address) {
    u32 *words = slab_of(walk->process.mappings);
    u32 first = walk->process.mappings % SLAB_WORDS, low = 0, count = walk->process.count;
    if (!words || !count) {
        return 0;
    }
    for (int bits = 0; bits < 15; bits++) {
        u32 half = count / 2, at = first + (low + half) * MAPPING_WORDS;
        if (at > SLAB_WORDS - MAPPING_WORDS) {
            return 0;
        }
        u64 start = ((struct code_mapping *)(words + at))->start;
        low += start <= address ? half : 0;
        count -= half;
    }
    u32 at = first + low * MAPPING_WORDS;
    if (at > SLAB_WORDS - MAPPING_WORDS) {
        return 0;
    }
    walk->mapping = *(struct code_mapping *)(words + at);
    return address >= walk->mapping.start && address < walk->mapping.end;
}

/* Whether an address is in a file's code, which may be the next frame's mapping. */
__attribute__((noinline)) int is_mapped(u64 address) {
    struct walk *walk = this_walk();
    return walk && find_mapping(walk, address);
}

/* Whether code may be at an address: in a file, or made at run time and not far from other such. */
__attribute__((noinline)) int may_be_code(u64 near, u64 address) {
    if (address < LOWEST_CODE || address >> 47) {
        return 0;
    }
    return address - near + CODE_REGION < 2 * CODE_REGION || is_mapped(address);
}

ALWAYS_INLINE u32 table_word(u32 word) {
    u32 *words = slab_of(word);
    return words ? words[word % SLAB_WORDS] : 0;
}

/* The last row of the page whose offset is at or before the address: a page has at most 4,096 rows, so 12 halvings;
 * without a branch, since which way they go cannot be predicted. Notes whether that row covers the address's whole block.
 */
ALWAYS_INLINE u32 find_row(struct walk *walk, u64 address) {
    const struct code_mapping *mapping = &walk->mapping;
    u64 page = ((address - mapping->bias) >> 12) - mapping->first_page;
    u32 offset = (address - mapping->bias) & 0xfff;
    if (page >= mapping->page_count) {
        return stop(mapping->table_end);
    }
    u32 low = table_word(mapping->index + page), high = table_word(mapping->index + page + 1);
    u32 *words = slab_of(low);
    u32 count = high - low;
    if (!words || low >= high) {
        return stop(END_NO_RULE);
    }
    u32 at = low % SLAB_WORDS, end = at + count;
    for (int bits = 0; bits < 12; bits++) {
        u32 half = count / 2;
        u32 row = words[(at + half) % SLAB_WORDS] >> ROW_OFFSET_SHIFT;
        at += half * ((row - offset - 1) >> 31);
        count -= half;
    }
    u32 row = words[at % SLAB_WORDS], block = offset & ~(BLOCK_BYTES - 1);
    u32 next = at + 1 < end ? words[(at + 1) % SLAB_WORDS] >> ROW_OFFSET_SHIFT : 4096;
    walk->whole_block = row >> ROW_OFFSET_SHIFT <= block && block + BLOCK_BYTES <= next;
    return row & ROW_RULE_MASK;
}

/* The row for an address; 0 where no file is mapped. */
__attribute__((noinline)) u32 row_at(u64 address) {
    struct walk *walk = this_walk();
    return walk && is_mapped(address) ? find_row(walk, address) : 0;
}

/* The dictionary begins slab 0. */
ALWAYS_INLINE const struct unwind_rule *dictionary_rule(u32 index) {
    u32 *words = slab_of(0);
    u32 at = index * RULE_WORDS;
    return words && at <= SLAB_WORDS - RULE_WORDS ? (const struct unwind_rule *)(words + at) : 0;
}

/* What is known of the process as a JVM; 0 where it is none. */
ALWAYS_INLINE const struct hotspot *hotspot_of(const struct walk *walk) {
    u32 at = walk->process.hotspot % SLAB_WORDS;
    u32 *words = walk->process.hotspot ? slab_of(walk->process.hotspot) : 0;
    return words && at <= SLAB_WORDS - HOTSPOT_WORDS ? (const struct hotspot *)(words + at) : 0;
}

ALWAYS_INLINE int in_interpreter(const struct hotspot *jvm, u64 address) {
    return address - jvm->interpreter_start < jvm->interpreter_end - jvm->interpreter_start;
}
