package io.perfagent.walker;

/**
 * Code that LuaJIT has compiled of one way through a program.
 *
 * @param start runtime address of its first instruction
 * @param size bytes
 * @param spill bytes of the stack that it takes for variables, with what its parent has taken already
 * @param root whether it is entered from the interpreter; others go on where their parents were left
 * @param extra bytes of the stack that the interpreter has taken before it jumps to traces
 */
record LuaTrace(long start, int size, int spill, boolean root, int extra) {
    boolean contains(long address) {
        return address - start >= 0 && address - start < size;
    }
}
