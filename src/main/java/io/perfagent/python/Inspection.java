package io.perfagent.python;

import org.jspecify.annotations.Nullable;

/**
 * What a look at a process found.
 *
 * @param build the CPython that it runs, also where it is refused; null where there is none
 */
public record Inspection(Verdict verdict, @Nullable PythonBuild build) {}
