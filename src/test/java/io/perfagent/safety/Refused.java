package io.perfagent.safety;

import io.perfagent.python.inject.InjectRefusal;

/** Which refusals say that asking again is of no use. */
final class Refused {
    private Refused() {}

    static boolean forGood(InjectRefusal reason) {
        return switch (reason) {
            case FORK_UNSAFE,
                    NOT_PYTHON,
                    PYTHON_TOO_OLD,
                    NO_PERF_TRAMPOLINE,
                    NO_LIBPYTHON_SYMBOLS,
                    FREE_THREADED,
                    REACTIVATION_UNSAFE,
                    MAP_UNWRITABLE,
                    UNSUPPORTED,
                    FOREIGN_EVAL_FRAME -> true;
            case NOT_INITIALIZED,
                    FINALIZING,
                    PTRACE_EPERM,
                    LIBRARY_NOT_FOUND,
                    PROCESS_GONE,
                    TIMEOUT,
                    STOPPED,
                    BUSY,
                    FAILED -> false;
        };
    }
}
