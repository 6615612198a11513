package io.perfagent.symbolize;

import io.perfagent.model.Budget;
import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import io.perfagent.model.SymbolMiss;
import io.perfagent.procfs.ProcLimits;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The binaries of all processes, each opened once: the same file is known by its device and inode. Anybody can write a file with the
 * build id of another's, so an equal one makes no two files one.
 *
 * <p>Programs that are executed again and again find theirs open: those that no process has mapped any more are closed some intervals later.
 * Once descriptors or memory are scarce, they are closed at once, and symbols that this interval has not asked for are given up, the longest
 * unasked first.
 */
final class Binaries implements AutoCloseable {
    /** Each has a descriptor, of which a run needs others. */
    private static final int SHARE_OF_DESCRIPTORS = 2;

    private static final long FEWEST_DESCRIPTORS = 1024;

    private static final int INTERVALS_KEPT = 12;

    private static final Comparator<Binary> LONGEST_UNASKED = Comparator.comparingInt(Binary::askedIn);

    private final Map<FileId, Binary> byFile = new HashMap<>();
    /** Opened in this interval, and no ELF files. */
    private final Set<FileId> bad = new HashSet<>();

    private final Budget budget;
    private final long most;
    private @Nullable Binary vdso;
    private int interval = 1;

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
        return mapping.isImage() || mapping.isSharedMemory() ? file(pid, mapping) : null;
    }

    private Binary file(int pid, Mapping mapping) {
        Binary known = bad.contains(mapping.file()) ? Binary.BAD : byFile.get(mapping.file());
        if (known != null) {
            return known;
        }
        if (byFile.size() >= most) {
            closeUnused(_ -> byFile.size() >= most);
        }
        Binary binary = byFile.size() < most ? Binary.open(pid, mapping, budget) : Binary.NO_ROOM;
        if (binary == Binary.NO_ROOM && makeRoom()) {
            binary = Binary.open(pid, mapping, budget);
        }
        if (binary.readable()) { // else another process may be able to open it
            binary.askIn(interval);
            byFile.put(mapping.file(), binary);
        } else if (binary == Binary.BAD) {
            bad.add(mapping.file());
        }
        return binary;
    }

    /** The function at an ELF address of a binary; null where the symbols have none. */
    @Nullable
    String find(Binary binary, long elfAddress) {
        binary.askIn(interval);
        String name = binary.find(elfAddress);
        if (name == null && binary.miss() == SymbolMiss.NO_ROOM && makeRoom()) {
            binary.forgetSymbols();
            return binary.find(elfAddress);
        }
        return name;
    }

    /** What the last one has not asked for is given up where room is scarce; what found none is tried again. */
    void beginInterval() {
        boolean _ = giveUp(budget::scarce);
        interval++;
        bad.clear();
        byFile.values().stream()
                .filter(binary -> binary.miss() == SymbolMiss.NO_ROOM)
                .forEach(Binary::forgetSymbols);
        closeUnused(binary -> binary.askedIn() < interval - INTERVALS_KEPT);
    }

    /** For what has found none. Returns whether there is more now. */
    private boolean makeRoom() {
        return giveUp(() -> true);
    }

    /** Nothing is given up twice in an interval: it would be read again and again. */
    private boolean giveUp(BooleanSupplier needed) {
        boolean closed = closeUnused(_ -> needed.getAsBoolean());
        return forgetUnasked(needed) || closed;
    }

    /** Returns whether any was. */
    private boolean closeUnused(Predicate<Binary> which) {
        List<Map.Entry<FileId, Binary>> unused = byFile.entrySet().stream()
                .filter(entry -> entry.getValue().unused())
                .sorted(Map.Entry.comparingByValue(LONGEST_UNASKED))
                .toList();
        boolean any = false;
        for (Map.Entry<FileId, Binary> entry : unused) {
            if (which.test(entry.getValue())) {
                byFile.remove(entry.getKey());
                close(entry.getValue());
                any = true;
            }
        }
        return any;
    }

    private boolean forgetUnasked(BooleanSupplier needed) {
        List<Binary> unasked = byFile.values().stream()
                .filter(binary -> binary.hasSymbols() && binary.askedIn() < interval)
                .sorted(LONGEST_UNASKED)
                .toList();
        boolean any = false;
        for (Binary binary : unasked) {
            if (needed.getAsBoolean()) {
                binary.forgetSymbols();
                any = true;
            }
        }
        return any;
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
        byFile.values().forEach(Binaries::close);
        byFile.clear();
    }

    private static void close(Binary binary) {
        try {
            binary.close();
        } catch (IOException _) {
            // Nothing was written, so nothing is lost.
        }
    }
}
