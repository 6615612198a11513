package io.perfagent.walker;

import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.Mapping;

/**
 * What the walker knows of a process as a JVM.
 *
 * @param word address of the {@link HotSpotEntry}
 * @param library whose JVM it is
 */
record PublishedJvm(int word, Mapping library) {
    private static final int WORDS = (int) HotSpotEntry.LAYOUT.byteSize() / 4;

    static PublishedJvm write(Slabs slabs, Mapping library, HotSpotEntry entry) throws LinuxException {
        int word = slabs.allocate(WORDS);
        entry.write(slabs.slab(word), Slabs.inSlab(word));
        return new PublishedJvm(word, library);
    }

    void free(Slabs slabs) {
        slabs.free(word, WORDS);
    }
}
