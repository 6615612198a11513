package io.perfagent.symbolize;

import io.perfagent.model.Budget;
import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import io.perfagent.procfs.ProcLimits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The binaries of all processes, each opened once: the same file is known by its device and inode. Anybody can write a file with the
 * build id of another's, so an equal one makes no two files one.
 */
final class Binaries implements AutoCloseable {
    /** Each has a descriptor, of which a run needs others. */
    private static final int SHARE_OF_DESCRIPTORS = 2;

    private static final long FEWEST_DESCRIPTORS = 1024;

    private final Map<FileId, Binary> byFile = new HashMap<>();
    private final List<Binary> opened = new ArrayList<>();
    private final Budget budget;
    private final long most;
    private @Nullable Binary vdso;

    Binaries(Budget budget) {
        this(budget, descriptors() / SHARE_OF_DESCRIPTORS);
    }

    /** @param most files that are open at a time */
    Binaries(Budget budget, long most) {
        this.budget = budget;
        this.most = most;
    }

    /** The binary behind a mapping of a process; null where the mapping is anonymous. */
    @Nullable
    Binary of(int pid, Mapping mapping) {
        if (mapping.isVdso()) {
            return vdso(pid, mapping);
        }
        return mapping.isFile() ? file(pid, mapping) : null;
    }

    private Binary file(int pid, Mapping mapping) {
        Binary known = byFile.get(mapping.file());
        if (known != null) {
            return known;
        }
        if (opened.size() >= most) {
            return Binary.NO_ROOM;
        }
        Binary binary = Binary.open(pid, mapping, budget);
        if (binary.readable() || binary == Binary.BAD) { // else another process may be able to open it
            byFile.put(mapping.file(), binary);
            opened.add(binary);
        }
        return binary;
    }

    private static long descriptors() {
        try {
            return ProcLimits.read((int) ProcessHandle.current().pid()).soft(ProcLimits.OPEN_FILES);
        } catch (IOException _) {
            return FEWEST_DESCRIPTORS;
        }
    }

    /** One image serves all: the kernel has one vdso for all processes of a word size. */
    private Binary vdso(int pid, Mapping mapping) {
        if (vdso == null) {
            Binary image = Binary.open(pid, mapping, budget);
            if (!image.readable()) {
                return image;
            }
            vdso = image;
        }
        return vdso;
    }

    @Override
    public void close() {
        opened.forEach(Binaries::close);
        opened.clear();
    }

    private static void close(Binary binary) {
        try {
            binary.close();
        } catch (IOException _) {
            // Nothing was written, so nothing is lost.
        }
    }
}
