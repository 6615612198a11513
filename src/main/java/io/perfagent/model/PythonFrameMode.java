package io.perfagent.model;

/** Whether the frames of CPython's interpreter are read. */
public enum PythonFrameMode {
    /** In every process that runs a version whose frames are known. */
    AUTO,
    OFF
}
