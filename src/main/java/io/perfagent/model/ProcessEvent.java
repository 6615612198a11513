package io.perfagent.model;

/** What happened to a process, as the kernel told of it. PIDs are those of our PID namespace; times are CLOCK_MONOTONIC. */
public sealed interface ProcessEvent {
    int pid();

    long timeNanos();

    /**
     * A process began as the copy of another; it runs the same code in the same places until it executes a program.
     *
     * @param parent whose copy it is
     */
    record Forked(int parent, int pid, long timeNanos) implements ProcessEvent {}

    /**
     * A process executed a program: what it had mapped is gone. The program's own mappings come behind.
     *
     * @param comm its name now, which is under its own control
     */
    record Executed(int pid, String comm, long timeNanos) implements ProcessEvent {}

    /** A process has mapped something that code may run in, or has made it executable. What lay there before is gone. */
    record Mapped(int pid, Mapping mapping, long timeNanos) implements ProcessEvent {}

    /**
     * A thread has ended. Its process ends with the last of them, which need not be the first that it had.
     *
     * @param tid of the thread; that of the first is the PID
     */
    record Exited(int pid, int tid, long timeNanos) implements ProcessEvent {}
}
