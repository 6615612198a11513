package io.perfagent.safety;

import io.perfagent.python.inject.InjectRefusal;
import java.util.EnumSet;
import java.util.Set;

/** Which refusals pass, and which say that asking again is of no use. */
final class Refused {
    private static final Set<InjectRefusal> PASSING = EnumSet.of(
            InjectRefusal.NOT_INITIALIZED,
            InjectRefusal.FINALIZING,
            InjectRefusal.PTRACE_EPERM,
            InjectRefusal.LIBRARY_NOT_FOUND,
            InjectRefusal.PROCESS_GONE,
            InjectRefusal.TIMEOUT,
            InjectRefusal.STOPPED,
            InjectRefusal.BUSY,
            InjectRefusal.FAILED);

    private Refused() {}

    static boolean forGood(InjectRefusal reason) {
        return !PASSING.contains(reason);
    }
}
