/** ELF files, read over bounded segments: any of them may be hostile. */
package io.perfagent.elf;
