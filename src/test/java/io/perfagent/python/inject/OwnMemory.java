package io.perfagent.python.inject;

import io.perfagent.linux.ProcessMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A page of this process with code in it, read as that of any other process is. */
public final class OwnMemory implements AutoCloseable {
    private static final int PAGE = 4096;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment page = arena.allocate(PAGE, PAGE);
    private final ProcessMemory memory;

    public OwnMemory() throws IOException {
        memory = ProcessMemory.view((int) ProcessHandle.current().pid());
    }

    /** Its address. */
    public long put(int offset, byte... code) {
        MemorySegment.copy(MemorySegment.ofArray(code), 0, page, offset, code.length);
        return page.address() + offset;
    }

    public ProcessMemory memory() {
        return memory;
    }

    @Override
    public void close() throws IOException {
        memory.close();
        arena.close();
    }
}
