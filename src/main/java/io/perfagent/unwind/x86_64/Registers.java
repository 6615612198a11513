package io.perfagent.unwind.x86_64;

/** DWARF register numbers (System V ABI for AMD64, figure 3.36). */
public final class Registers {
    public static final int RAX = 0;
    public static final int RBX = 3;
    public static final int RBP = 6;
    public static final int RSP = 7;
    public static final int R13 = 13;
    /** Not rip itself but where the caller goes on. */
    public static final int RETURN_ADDRESS = 16;

    private Registers() {}
}
