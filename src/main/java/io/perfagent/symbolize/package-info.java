/** Names for addresses: kernel, ELF files, perf maps. */
package io.perfagent.symbolize;
