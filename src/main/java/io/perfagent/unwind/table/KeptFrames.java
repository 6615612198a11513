package io.perfagent.unwind.table;

/** Which code of a process keeps a frame pointer in each function, as one of its files says; of several files the last of these counts. */
public enum KeptFrames {
    /** Nothing is known. */
    UNKNOWN,
    /** All that the process makes at run time: the file holds V8. */
    MADE_CODE,
    /** That, and the program, which has no call-frame information. */
    ALL
}
