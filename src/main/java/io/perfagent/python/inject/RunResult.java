package io.perfagent.python.inject;

/** What the routine says of itself when it is done. */
public enum RunResult {
    NONE,
    /** The command was carried out. */
    COMPLETED,
    /** The thread was blocked while holding the GIL: not a safe moment. */
    HOLDS_GIL,
    NOT_INITIALIZED,
    FINALIZING,
    /** The interpreter takes no more pending calls at the moment. */
    QUEUE_FULL,
    /** The thread is one of a subinterpreter; nothing was changed. */
    OTHER_INTERPRETER,
    /** The kernel makes no memory of this process executable (PR_SET_MDWE); nothing was changed. */
    NO_EXECUTABLE_MEMORY,
    /** The descriptor of the map leads elsewhere by now; nothing was changed. */
    MAP_ELSEWHERE,
    /** A file has a name that is no UTF-8, over which this version would end; nothing was changed. */
    UNDECODABLE_NAMES;

    /** The order of the constants is the contract with the routine. */
    @SuppressWarnings("EnumOrdinal")
    public int code() {
        return ordinal();
    }

    /** NONE for a code that the routine does not write. */
    static RunResult of(int code) {
        for (RunResult result : values()) {
            if (result.code() == code) {
                return result;
            }
        }
        return NONE;
    }
}
