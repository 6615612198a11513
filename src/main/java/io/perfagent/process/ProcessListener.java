package io.perfagent.process;

import io.perfagent.model.Mapping;

/**
 * Is told what happens to the processes of a run, a moment later: PIDs may be others' by then. Called on the thread that reads the
 * events, in the order of time; one that takes long makes the kernel drop events, never samples.
 */
public interface ProcessListener {
    /** A child that runs its parent's program. */
    default void forked(int parent, int child) {}

    /** The process runs a new program, of which nothing is mapped yet. */
    default void executed(int pid) {}

    /** Code has been mapped. */
    default void mapped(int pid, Mapping mapping) {}

    /** The last thread of a process has ended. */
    default void exited(int pid) {}

    /** What came together has been told. */
    default void settled() {}

    /** Whether there is more to do at once than was done when things had settled. */
    default boolean isBehind() {
        return false;
    }

    /** Events were lost: processes may have begun, changed or ended unnoticed. */
    default void missed() {}
}
