package io.perfagent.runtime.cpython;

import java.util.Locale;

/** Why an interpreter's frames cannot be read. */
public enum LayoutRefusal implements LayoutResult, PythonResult, FrameProspect {
    /** Older than 3.6, or newer than what is known here. */
    UNKNOWN_VERSION,
    /** The memory of its {@code _PyRuntime} cannot be read. */
    UNREADABLE,
    /** What is at its {@code _PyRuntime} does not begin with {@code _Py_DebugOffsets}, or with those of another version. */
    NOT_DESCRIBED,
    /** A build without the global interpreter lock, of 3.14 or later: its frames refer to copies of the code. */
    FREE_THREADED,
    /** Its {@code _Py_DebugOffsets} contradict each other, or what is known of the version. */
    CONTRADICTORY;

    /** What users and scripts see. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
