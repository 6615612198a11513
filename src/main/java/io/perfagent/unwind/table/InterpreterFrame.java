package io.perfagent.unwind.table;

/** In which frame code runs that a file's compiler makes at run time: that of its interpreter. Rows are those of the file, without offset. */
public sealed interface InterpreterFrame {
    /** Nothing is known of any. */
    InterpreterFrame UNKNOWN = new Unknown();

    /** Nothing is known of any. */
    record Unknown() implements InterpreterFrame {}

    /**
     * PHP's, which goes from one handler to the next by a jump, as its compiler's code does.
     *
     * @param row holds at each of these jumps
     */
    record Dispatching(int row) implements InterpreterFrame {}

    /**
     * None that code is made in, but the one that all of the code which GHC has compiled from Haskell runs in: StgRun makes it, and jumps there.
     *
     * @param bytes from the CFA down to rsp
     */
    record Entered(int bytes) implements InterpreterFrame {}

    /**
     * LuaJIT's, which jumps to traces. A register, r14, leads to what it knows of them, within traces as well.
     *
     * @param row of the interpreter
     * @param extraBytes of the stack that it takes off before it jumps
     * @param list bytes from where the register points to the address of the list of traces
     * @param machineCode bytes from a trace's begin to the address of its code
     */
    record Tracing(int row, int extraBytes, int list, int machineCode) implements InterpreterFrame {}
}
