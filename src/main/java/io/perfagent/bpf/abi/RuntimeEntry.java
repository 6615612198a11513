package io.perfagent.bpf.abi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** What the kernel side is told of a language's runtime in a process; it lies in a slab. */
public sealed interface RuntimeEntry permits HotSpotEntry, CPythonEntry {
    StructLayout layout();

    /** Writes it at a word offset. */
    void write(MemorySegment words, long at);
}
