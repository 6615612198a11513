package io.perfagent.python.inject;

/**
 * How far a run of the routine has come:
 *
 * <pre>
 *   IDLE ─ agent writes the block ─→ PREPARED ─ first instructions ─→ ENTERED ─ nothing more to come ─→ DONE
 * </pre>
 *
 * In {@link #ENTERED} the block may still be written by the target, however long ago the agent that started it has died.
 */
public enum RunState {
    IDLE,
    PREPARED,
    ENTERED,
    DONE;

    /** The order of the constants is the contract with the routine. */
    @SuppressWarnings("EnumOrdinal")
    public int code() {
        return ordinal();
    }

    /** IDLE for a code that nobody writes. */
    static RunState of(int code) {
        for (RunState state : values()) {
            if (state.code() == code) {
                return state;
            }
        }
        return IDLE;
    }
}
