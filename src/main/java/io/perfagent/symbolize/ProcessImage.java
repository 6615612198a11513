package io.perfagent.symbolize;

import io.perfagent.model.Budget;
import io.perfagent.model.LinesLeftOut;
import io.perfagent.model.Mapping;
import io.perfagent.model.Module;
import io.perfagent.model.SymbolMiss;
import io.perfagent.procfs.ProcStat;
import io.perfagent.targetfs.TargetTmp;
import io.perfagent.targetfs.TmpFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The code of one process: its executable mappings, the newest first where they overlap, and its perf map. */
final class ProcessImage implements AutoCloseable {
    private static final long CLOCK_ERROR_MILLIS = 1000;

    private final int pid;
    private final Map<Mapping, Code> code = new LinkedHashMap<>();
    private final Set<Binary> used = new HashSet<>();
    private final Budget budget;
    private FrameCache frames;
    private FrameCache framesBefore;
    private int ppid;
    private long startMillis;
    private int parent;
    private @Nullable TargetTmp tmp;
    private @Nullable PerfMap perfMap;
    private SymbolMiss mapMiss = SymbolMiss.NO_PERF_MAP;
    private boolean mapAsked;
    private long mapBytes;
    private long mapMillis;
    private LinesLeftOut leftOutOfForgotten = LinesLeftOut.NONE;
    private boolean ended;
    private @Nullable Index index;

    ProcessImage(int pid, Budget budget) {
        this.pid = pid;
        this.budget = budget;
        this.frames = new FrameCache(budget.keep());
        this.framesBefore = new FrameCache(budget.keep());
    }

    /**
     * A mapping that code runs in.
     *
     * @param module null where the mapping is of memory only, as {@code binary} is then
     */
    record Code(
            Mapping mapping,
            @Nullable Module module,
            @Nullable Binary binary) {}

    private record Index(AddressRanges ranges, List<Code> code) {}

    /** Takes in the process's mappings of this moment; what they do not cover stays as it was known before. */
    void add(List<Mapping> mappings, Binaries binaries) {
        open();
        for (Mapping mapping : mappings) {
            if (mapping.executable()) {
                code.remove(mapping);
                code.put(mapping, codeOf(mapping, use(binaries.of(pid, mapping))));
            }
        }
        index = null;
        forgetFrames();
    }

    private @Nullable Binary use(@Nullable Binary binary) {
        if (binary != null && used.add(binary)) {
            binary.retain();
        }
        return binary;
    }

    private static Code codeOf(Mapping mapping, @Nullable Binary binary) {
        if (binary == null || isMemory(mapping, binary)) {
            return new Code(mapping, null, null);
        }
        Module module =
                new Module(mapping.start(), mapping.end(), mapping.fileOffset(), mapping.path(), binary.buildId());
        return new Code(mapping, module, binary);
    }

    /**
     * Memory that looks like a file: shared anonymous memory, {@code memfd_create(2)}, and files that were removed once they were mapped
     * are where PHP, Erlang and .NET put the code that they make. One that can be read and is an ELF file is none of these.
     */
    private static boolean isMemory(Mapping mapping, Binary binary) {
        boolean nameless = mapping.path().startsWith("/memfd:") || mapping.isSharedMemory();
        return mapping.deleted() && !binary.readable() && (nameless || binary.noElfFile());
    }

    /** Opens what is out of reach once the process has ended. */
    private void open() {
        if (ended) {
            return;
        }
        try {
            ProcStat stat = ProcStat.read(pid);
            ppid = stat.ppid();
            startMillis = startMillis == 0 ? stat.startMillis() : startMillis;
            tmp = tmp == null ? TargetTmp.open(pid) : tmp;
        } catch (IOException _) {
            mapMiss = SymbolMiss.NO_PERF_MAP;
        }
    }

    int ppid() {
        return ppid;
    }

    /** The number of the process whose copy it may be, 0 where none is known. */
    int parent() {
        return parent;
    }

    void setParent(int process) {
        parent = process;
    }

    /** The process has ended: its perf map is read as it is now, and its /tmp let go of. */
    void end() {
        readPerfMap();
        closeQuietly(tmp);
        tmp = null;
        ended = true;
    }

    /** What the process makes may change from one interval to the next, and its map be longer; that of one that has ended stays. */
    void beginInterval(Binaries binaries) {
        if (!ended) {
            framesBefore.clear();
            FrameCache empty = framesBefore;
            framesBefore = frames;
            frames = empty;
            mapAsked = false;
            openWithoutRoom(binaries);
        }
    }

    /** There may be room by now for what found none. */
    private void openWithoutRoom(Binaries binaries) {
        List<Mapping> withoutRoom = code.values().stream()
                .filter(one -> one.binary() == Binary.NO_ROOM)
                .map(Code::mapping)
                .toList();
        if (!withoutRoom.isEmpty()) {
            add(withoutRoom, binaries);
        }
    }

    /** Keeps the names that were asked for. */
    void forgetPerfMap() {
        if (perfMap != null) {
            leftOutOfForgotten = leftOutOfForgotten.plus(perfMap.leftOut());
            mapMiss = noEntry(perfMap);
            closePerfMap();
        }
    }

    /** Those that were named in this interval. */
    FrameCache frames() {
        return frames;
    }

    /** In the one before, of the same mappings. */
    FrameCache framesBefore() {
        return framesBefore;
    }

    private void forgetFrames() {
        frames.clear();
        framesBefore.clear();
    }

    @Nullable
    Code find(long address) {
        Index known = index == null ? buildIndex() : index;
        int found = known.ranges.find(address);
        return found == AddressRanges.NONE ? null : known.code.get(found);
    }

    private Index buildIndex() {
        List<Code> all = new ArrayList<>(code.values());
        long[] starts = all.stream().mapToLong(c -> c.mapping().start()).toArray();
        long[] ends = all.stream().mapToLong(c -> c.mapping().end()).toArray();
        index = new Index(AddressRanges.of(starts, ends, all.size()), all);
        return index;
    }

    /** Whether a fork without exec made this process: it runs in its parent's memory, trampolines included. */
    boolean forkedFrom(ProcessImage parent) {
        return isCopyOf(parent.code.keySet());
    }

    /** The same, by what the parent runs. */
    boolean isCopyOf(Set<Mapping> parents) {
        for (Mapping mapping : code.keySet()) {
            if (mapping.isFile()) {
                return parents.contains(mapping);
            }
        }
        return false;
    }

    /** Reads the perf map as it is now. */
    void readPerfMap() {
        mapAsked = true;
        if (tmp == null) {
            return;
        }
        try {
            if (isOlder(tmp)) {
                mapMiss = SymbolMiss.NO_PERF_MAP;
                return;
            }
            switch (tmp.read(tmp.mapName())) {
                case TmpFile.Open(FileChannel file) -> useAnew(file, tmp.modifiedMillis(tmp.mapName()));
                case TmpFile.Missing _ -> mapMiss = SymbolMiss.NO_PERF_MAP;
                case TmpFile.Refused _ -> mapMiss = SymbolMiss.REFUSED_PERF_MAP;
            }
        } catch (IOException _) {
            mapMiss = SymbolMiss.NO_PERF_MAP;
        }
    }

    /** A map that was written last before the process began is of one that had its PID. */
    private boolean isOlder(TargetTmp directory) {
        try {
            return directory.modifiedMillis(directory.mapName()) < startMillis - CLOCK_ERROR_MILLIS;
        } catch (IOException _) {
            return false;
        }
    }

    /** One that is as it was when it was read last is not read again: they can be large. */
    private void useAnew(FileChannel file, long modifiedMillis) throws IOException {
        long size = file.size();
        if (perfMap != null && size == mapBytes && modifiedMillis == mapMillis) {
            file.close();
            return;
        }
        closePerfMap(); // its room is for the new one
        perfMap = PerfMap.read(file, budget);
        mapBytes = size;
        mapMillis = modifiedMillis;
        forgetFrames();
    }

    /** The process's own name for an address; null where it gives none. The map is read when the first one is asked for. */
    @Nullable
    String ownName(long address) {
        if (!mapAsked) {
            readPerfMap();
        }
        return perfMap == null ? null : perfMap.find(address);
    }

    /** Why {@link #ownName} found nothing. */
    SymbolMiss ownNameMiss() {
        return perfMap == null ? mapMiss : noEntry(perfMap);
    }

    private static SymbolMiss noEntry(PerfMap map) {
        return map.withoutRoom() ? SymbolMiss.NO_ROOM : SymbolMiss.NO_MAP_ENTRY;
    }

    int mapEntries() {
        return perfMap == null ? 0 : perfMap.size();
    }

    LinesLeftOut leftOut() {
        return perfMap == null ? leftOutOfForgotten : leftOutOfForgotten.plus(perfMap.leftOut());
    }

    @Override
    public void close() {
        used.forEach(Binary::release);
        used.clear();
        forgetFrames();
        closePerfMap();
        closeQuietly(tmp);
        tmp = null;
    }

    private void closePerfMap() {
        closeQuietly(perfMap);
        perfMap = null;
    }

    private static void closeQuietly(@Nullable AutoCloseable file) {
        try {
            if (file != null) {
                file.close();
            }
        } catch (Exception _) {
            // Opened for reading: nothing is lost.
        }
    }
}
