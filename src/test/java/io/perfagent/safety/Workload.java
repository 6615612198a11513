package io.perfagent.safety;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What a target does; each is a file of {@code src/test/workloads/safety} that says what it checks. */
enum Workload {
    ARITHMETIC,
    REGISTERS,
    COMPRESSION,
    MEMORY,
    IMPORTS,
    CALLS,
    CHILDREN,
    SIGNALS,
    WAITS,
    CROWD,
    SMALL_STACKS,
    DESCRIPTORS,
    GUESTS,
    /** Replaces its program all the time, and so its trampoline with it. */
    REBORN,
    /** Is switched by way of PEP 768, where there is that; elsewhere mostly not at all. */
    SORTING;

    /** Those that stay what they are. */
    static List<Workload> steady() {
        return List.of(values()).subList(0, REBORN.ordinal());
    }

    Path script() {
        String file = name().toLowerCase(Locale.ROOT) + ".py";
        return Path.of("src", "test", "workloads", "safety", file).toAbsolutePath();
    }
}
