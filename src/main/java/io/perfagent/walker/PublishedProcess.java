package io.perfagent.walker;

import io.perfagent.bpf.abi.CPythonEntry;
import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.bpf.abi.ProcessEntry;
import io.perfagent.bpf.abi.RuntimeEntry;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the walker knows of a process. */
final class PublishedProcess {
    private List<Mapping> code = List.of();
    private Set<FileId> uses = Set.of();
    private Set<FileId> lacks = Set.of();
    private @Nullable MappingArea area;
    private @Nullable PublishedRuntime jvm;
    private @Nullable PublishedRuntime python;

    @Nullable
    ProcessEntry entry;

    boolean makesCode;

    /** Samples in code of its own making. */
    int hits;

    List<Mapping> code() {
        return code;
    }

    /** As much of it as the walker is told of. */
    List<Mapping> known() {
        return code.subList(0, Math.min(code.size(), MappingArea.MAX_MAPPINGS));
    }

    /** What is new may be what an address was not found in. */
    void runs(List<Mapping> mappings) {
        makesCode &= code.equals(mappings);
        hits = !code.isEmpty() && mappings.contains(code.getFirst()) ? hits : 0;
        code = mappings;
    }

    /** With what is known of its runtimes. */
    ProcessEntry withRuntimes(ProcessEntry bare) {
        return bare.runningJvm(jvm == null ? 0 : jvm.word()).runningPython(python == null ? 0 : python.word());
    }

    void runs(Slabs slabs, Mapping file, RuntimeEntry runtime) throws LinuxException {
        switch (runtime) {
            case HotSpotEntry _ -> {
                jvm = free(jvm, slabs);
                jvm = PublishedRuntime.write(slabs, file, runtime);
            }
            case CPythonEntry _ -> {
                python = free(python, slabs);
                python = PublishedRuntime.write(slabs, file, runtime);
            }
        }
    }

    /** It may run another program by now, under the same PID. */
    void forgetOtherRuntimes(Slabs slabs) {
        jvm = jvm != null && !code.contains(jvm.file()) ? free(jvm, slabs) : jvm;
        python = python != null && !code.contains(python.file()) ? free(python, slabs) : python;
    }

    boolean lacks(FileId file) {
        return lacks.contains(file);
    }

    /** Holds on to the tables of its code, and lets go of those that it used before. */
    void useTables(TableStore tables) {
        Set<FileId> used = new HashSet<>();
        Set<FileId> lacked = new HashSet<>();
        for (Mapping mapping : code) {
            FileId file = mapping.file();
            if (tables.get(file) == null) {
                lacked.add(file);
            } else if (used.add(file) && !uses.contains(file)) {
                tables.use(file);
            }
        }
        for (FileId file : uses) {
            if (!used.contains(file)) {
                tables.leave(file);
            }
        }
        uses = used;
        lacks = lacked;
    }

    void leaveTables(TableStore tables) {
        uses.forEach(tables::leave);
    }

    /** Room for so many mappings. */
    MappingArea area(Slabs slabs, int count) throws LinuxException {
        MappingArea room = area;
        if (room == null || !room.holds(count)) {
            freeArea(slabs);
            room = MappingArea.allocate(slabs, count);
            area = room;
        }
        return room;
    }

    void free(Slabs slabs) {
        freeArea(slabs);
        jvm = free(jvm, slabs);
        python = free(python, slabs);
    }

    private static @Nullable PublishedRuntime free(@Nullable PublishedRuntime runtime, Slabs slabs) {
        if (runtime != null) {
            runtime.free(slabs);
        }
        return null;
    }

    private void freeArea(Slabs slabs) {
        if (area != null) {
            area.free(slabs);
            area = null;
        }
    }
}
