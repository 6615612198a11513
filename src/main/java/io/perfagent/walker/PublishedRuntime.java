package io.perfagent.walker;

import io.perfagent.bpf.abi.RuntimeEntry;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.Mapping;

/**
 * What the walker knows of a language's runtime in a process.
 *
 * @param word address of the entry
 * @param words of it
 * @param file whose runtime it is
 */
record PublishedRuntime(int word, int words, Mapping file) {
    static PublishedRuntime write(Slabs slabs, Mapping file, RuntimeEntry entry) throws LinuxException {
        int words = (int) entry.layout().byteSize() / 4;
        int word = slabs.allocate(words);
        entry.write(slabs.slab(word), Slabs.inSlab(word));
        return new PublishedRuntime(word, words, file);
    }

    void free(Slabs slabs) {
        slabs.free(word, words);
    }
}
