package io.perfagent.unwind.x86_64.flow;

/** What is known of the code around a stretch. */
public interface Surroundings {
    /** Nothing. */
    Surroundings UNKNOWN = _ -> false;

    /** Whether a function begins at an address: whoever jumps there has nothing on the stack but the return address. */
    boolean beginsFunction(long address);
}
