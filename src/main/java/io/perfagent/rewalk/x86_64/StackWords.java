package io.perfagent.rewalk.x86_64;

/** The stack that a walk reads. */
interface StackWords {
    /** The word of 8 bytes at a runtime address; ends the walk where there is none. */
    long word(long address) throws WalkEnded;
}
