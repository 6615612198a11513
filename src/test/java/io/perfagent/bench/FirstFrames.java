package io.perfagent.bench;

import java.util.Set;

/** The functions that threads begin in: where a stack ends with one of them, it is complete. */
final class FirstFrames {
    private static final Set<String> NAMES =
            Set.of("_start", "clone", "__clone", "clone3", "__clone3", "__GI___clone3", "__clone_internal");

    private FirstFrames() {}

    /** Takes a name with or without offset and version. */
    static boolean contains(String symbol) {
        return NAMES.contains(symbol.replaceFirst("[+@ ].*", ""));
    }
}
