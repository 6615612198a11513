package io.perfagent.agent;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a run has missed of processes.
 *
 * @param events of processes that were lost
 * @param withoutRoom times that the walker could not be told of a process's code
 * @param tablesWithoutMemory tables that had no room to be made in
 * @param tablesWithoutSlabs tables that found no room among those of the walker
 * @param fileWithoutTable the last file whose table had no room, as its process sees it; empty where there was none
 * @param tablesLeftOut tables that were not asked for, since too many were
 * @param tables that are not ready, at this moment
 * @param endedJvms that have not said where their code is, and have ended
 * @param jvms that have not said it, at this moment
 * @param made images of code that processes have made which were not taken, at this moment
 * @param pythons whose frames cannot be read
 * @param unnamed processes without names, for there were too many
 * @param unpaced samples that were not taken, for a CPU had taken too many
 */
record Missed(
        long events,
        long withoutRoom,
        long tablesWithoutMemory,
        long tablesWithoutSlabs,
        String fileWithoutTable,
        long tablesLeftOut,
        long tables,
        long endedJvms,
        long jvms,
        long made,
        long pythons,
        long unnamed,
        long unpaced) {
    static final Missed NOTHING = new Missed(0, 0, 0, 0, "", 0, 0, 0, 0, 0, 0, 0, 0);

    /** What was missed since an earlier moment. */
    Missed since(Missed before) {
        return new Missed(
                events - before.events,
                withoutRoom - before.withoutRoom,
                tablesWithoutMemory - before.tablesWithoutMemory,
                tablesWithoutSlabs - before.tablesWithoutSlabs,
                fileWithoutTable,
                tablesLeftOut - before.tablesLeftOut,
                tables,
                endedJvms - before.endedJvms,
                jvms,
                made,
                pythons - before.pythons,
                unnamed - before.unnamed,
                unpaced - before.unpaced);
    }

    /** By cause, those that were counted: what holds at a moment only is left out. */
    Map<String, Long> counts() {
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("process_events_lost", events);
        counts.put("code_without_room", withoutRoom);
        counts.put("tables_without_memory", tablesWithoutMemory);
        counts.put("tables_without_slabs", tablesWithoutSlabs);
        counts.put("tables_left_out", tablesLeftOut);
        counts.put("jvms_unreadable", endedJvms);
        counts.put("processes_unnamed", unnamed);
        counts.put("samples_unpaced", unpaced);
        return counts;
    }

    /**
     * A line for each cause that occurred.
     *
     * @param strangers samples left out because their process was none that is meant
     */
    List<String> lines(long strangers) {
        String last = ", the last for " + fileWithoutTable;
        List<String> lines = new ArrayList<>();
        count(lines, events, "events of processes were lost, for they came too fast");
        count(lines, withoutRoom, "times the walker could not be told of a process's code, for want of room");
        count(lines, tablesWithoutMemory, "unwind tables had no room in memory to be made in" + last);
        count(lines, tablesWithoutSlabs, "unwind tables found no room among those of the walker" + last);
        count(lines, tables + tablesLeftOut, "unwind tables were not ready by the end");
        count(lines, strangers, "samples were left out: their PID was a target's before");
        count(lines, jvms + endedJvms, "JVMs have not said where their code is");
        count(lines, made, "images of code that processes have made could not be read, or were too many");
        count(lines, pythons, "Pythons have frames that cannot be read: perf-agent check says why");
        count(lines, unnamed, "processes have no names, for there were too many");
        count(
                lines,
                unpaced,
                "samples were not taken, for there were more than 10000 a second on a CPU: --period N takes fewer, that stand for N each");
        return lines;
    }

    private static void count(List<String> lines, long count, String what) {
        if (count > 0) {
            lines.add("missed: " + count + " " + what);
        }
    }
}
