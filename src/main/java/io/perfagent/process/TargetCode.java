package io.perfagent.process;

import io.perfagent.linux.ProcessMemory;
import io.perfagent.model.CodeMemory;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The code of a process that runs, opened when first asked for; of one that has ended nothing can be read. */
public final class TargetCode implements CodeMemory, AutoCloseable {
    private final int pid;
    private @Nullable ProcessMemory memory;
    private boolean opened;

    public TargetCode(int pid) {
        this.pid = pid;
    }

    @Override
    public boolean read(long address, byte[] to, int at, int length) {
        ProcessMemory from = memory();
        if (from == null || address < 0) {
            return false;
        }
        try {
            from.read(address, length).get(to, at, length);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /** As many bytes as there are from an address on, up to {@code most}. */
    public byte[] readUpToEnd(long address, int most) {
        ProcessMemory from = memory();
        return from == null || address < 0 ? new byte[0] : from.readUpToEnd(address, most);
    }

    @Override
    public void close() {
        try {
            if (memory != null) {
                memory.close();
            }
        } catch (IOException _) {
            // Opened for reading: nothing is lost.
        }
    }

    private @Nullable ProcessMemory memory() {
        if (!opened) {
            opened = true;
            try {
                memory = ProcessMemory.view(pid);
            } catch (IOException _) {
                memory = null;
            }
        }
        return memory;
    }
}
