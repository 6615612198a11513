package io.perfagent.walker;

import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.bpf.abi.ProcessEntry;
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
    private @Nullable PublishedJvm jvm;

    @Nullable
    ProcessEntry entry;

    boolean makesCode;

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
        code = mappings;
    }

    /** The word address of what is known of it as a JVM; 0 where it is none. */
    int jvmAt() {
        return jvm == null ? 0 : jvm.word();
    }

    void runsJvm(Slabs slabs, Mapping library, HotSpotEntry entry) throws LinuxException {
        freeJvm(slabs);
        jvm = PublishedJvm.write(slabs, library, entry);
    }

    /** It may run another program by now, under the same PID. */
    void forgetOtherJvm(Slabs slabs) {
        if (jvm != null && !code.contains(jvm.library())) {
            freeJvm(slabs);
        }
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
        freeJvm(slabs);
    }

    private void freeJvm(Slabs slabs) {
        if (jvm != null) {
            jvm.free(slabs);
            jvm = null;
        }
    }

    private void freeArea(Slabs slabs) {
        if (area != null) {
            area.free(slabs);
            area = null;
        }
    }
}
