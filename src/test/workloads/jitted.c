/* Loads object files as LLVM's JIT does, and says so by GDB's JIT interface: the first at once, another one each time that it gets SIGUSR1. Runs the one
 * global function of all of them in turn: main calls it.
 */
#define _GNU_SOURCE
#include "truth.h"
#include <elf.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum { ROOM = 1 << 16, MOST = 8 };

struct jit_code_entry {
	struct jit_code_entry *next, *previous;
	const char *image;
	uint64_t bytes;
};

static struct {
	uint32_t version, action;
	struct jit_code_entry *relevant, *first;
} __jit_debug_descriptor __attribute__((used)) = {.version = 1};

FRAME static void __jit_debug_register_code(void) { KEEP_CALLER(); }

static void announce(char *image, size_t bytes)
{
	struct jit_code_entry *entry = calloc(1, sizeof *entry);
	entry->next = __jit_debug_descriptor.first;
	entry->image = image;
	entry->bytes = bytes;
	if (entry->next)
		entry->next->previous = entry;
	__jit_debug_descriptor.first = __jit_debug_descriptor.relevant = entry;
	__jit_debug_descriptor.action = 1;
	__jit_debug_register_code();
}

static char *contents(const char *name, size_t *bytes)
{
	FILE *file = fopen(name, "rb");
	char *image = malloc(ROOM);
	*bytes = file ? fread(image, 1, ROOM, file) : 0;
	if (*bytes < sizeof(Elf64_Ehdr) || *bytes == ROOM)
		exit(1);
	fclose(file);
	return image;
}

/* Relative ones only: the object calls nobody else. */
static void relocate(char *image, const Elf64_Shdr *sections, const Elf64_Shdr *table)
{
	const Elf64_Sym *symbols = (Elf64_Sym *)(image + sections[table->sh_link].sh_offset);
	const Elf64_Rela *all = (Elf64_Rela *)(image + table->sh_offset);
	uint64_t base = sections[table->sh_info].sh_addr;
	for (size_t i = 0; base && i < table->sh_size / sizeof *all; i++) {
		const Elf64_Sym *symbol = &symbols[ELF64_R_SYM(all[i].r_info)];
		uint64_t to = sections[symbol->st_shndx].sh_addr + symbol->st_value + all[i].r_addend;
		if (ELF64_R_TYPE(all[i].r_info) != R_X86_64_PC32 && ELF64_R_TYPE(all[i].r_info) != R_X86_64_PLT32)
			exit(2);
		*(int32_t *)(base + all[i].r_offset) = (int32_t)(to - (base + all[i].r_offset));
	}
}

/* Puts each section where it will run, and notes in the image where that is. */
static unsigned (*load(const char *name))(unsigned)
{
	size_t bytes, at = 0;
	char *image = contents(name, &bytes);
	const Elf64_Ehdr *header = (Elf64_Ehdr *)image;
	Elf64_Shdr *sections = (Elf64_Shdr *)(image + header->e_shoff);
	char *memory = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < header->e_shnum; i++) {
		if (sections[i].sh_flags & SHF_ALLOC && sections[i].sh_type != SHT_NOBITS && sections[i].sh_size) {
			sections[i].sh_addr = (uint64_t)memcpy(memory + at, image + sections[i].sh_offset, sections[i].sh_size);
			at = (at + sections[i].sh_size + 63) & ~63UL;
		}
	}
	unsigned (*entry)(unsigned) = NULL;
	for (int i = 0; i < header->e_shnum; i++) {
		if (sections[i].sh_type == SHT_RELA)
			relocate(image, sections, &sections[i]);
		const Elf64_Sym *symbols = (Elf64_Sym *)(image + sections[i].sh_offset);
		for (size_t s = 0; sections[i].sh_type == SHT_SYMTAB && s < sections[i].sh_size / sizeof *symbols; s++) {
			if (ELF64_ST_BIND(symbols[s].st_info) == STB_GLOBAL && symbols[s].st_shndx != SHN_UNDEF)
				entry = (unsigned (*)(unsigned))(sections[symbols[s].st_shndx].sh_addr + symbols[s].st_value);
		}
	}
	announce(image, bytes);
	mprotect(memory, ROOM, PROT_READ | PROT_EXEC);
	return entry;
}

static volatile sig_atomic_t wanted = 1;

static void want(int signal)
{
	(void)signal;
	wanted = wanted + 1;
}

int main(int argc, char **argv)
{
	unsigned (*loaded[MOST])(unsigned);
	int count = 0, objects = argc - 1 < MOST ? argc - 1 : MOST;
	signal(SIGUSR1, want);
	ready(0, argv);
	for (;;) {
		if (count < objects && count < wanted) {
			loaded[count] = load(argv[count + 1]);
			count++;
		}
		for (int i = 0; i < count; i++)
			loaded[i](10000);
		KEEP_CALLER();
	}
}
