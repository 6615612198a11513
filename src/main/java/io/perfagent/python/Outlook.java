package io.perfagent.python;

import io.perfagent.python.inject.Route;
import io.perfagent.python.inject.Subinterpreters;
import org.jspecify.annotations.Nullable;

/**
 * What an activation would find in a process.
 *
 * @param trampoline whether it is on
 * @param onRecord whether perf-agent has set it up before, in the life of this process
 * @param subinterpreters whose functions get no trampolines
 * @param compiled whether Nuitka made the program, whose own functions get no trampolines
 * @param filtered whether threads are under seccomp: a run finds out whether that allows it
 * @param route that would be taken at this moment; null where none is open
 */
public record Outlook(
        TrampolineState trampoline,
        boolean onRecord,
        Subinterpreters subinterpreters,
        boolean compiled,
        boolean filtered,
        @Nullable Route route) {}
