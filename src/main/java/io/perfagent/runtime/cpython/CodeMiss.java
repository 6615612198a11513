package io.perfagent.runtime.cpython;

/** Why a code object could not be read. */
public enum CodeMiss implements CodeResult {
    /** The process has ended, or has no memory there. */
    UNREADABLE,
    /** It has been freed since it ran, and another may be in its place. */
    GONE,
    /** What is there is no code object. */
    NO_CODE,
    /** It refers to what no code object refers to. */
    MALFORMED,
    /** A name of more than 4096 characters, or a table of lines of more than 1 MiB. */
    TOO_LARGE
}
