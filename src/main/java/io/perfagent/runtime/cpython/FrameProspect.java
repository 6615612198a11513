package io.perfagent.runtime.cpython;

/** Whether a run would name a process's Python functions by reading the interpreter's frames. */
public sealed interface FrameProspect permits FrameProspect.ByReading, FrameProspect.NoInterpreter, LayoutRefusal {
    /** @param minor 11 of 3.11 */
    record ByReading(int minor) implements FrameProspect {}

    /** No file of the process holds CPython, or none with symbols. */
    record NoInterpreter() implements FrameProspect {}
}
