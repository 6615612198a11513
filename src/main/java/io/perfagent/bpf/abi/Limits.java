package io.perfagent.bpf.abi;

/** {@code enum abi_limit}. */
public final class Limits {
    public static final int MAX_USER_FRAMES = 4096;
    public static final int MAX_KERNEL_FRAMES = 128;
    /** Of a stack, bytes; the last page that is read may exceed it. */
    public static final int MAX_COPY_BYTES = 131072;
    /** Words of 4 bytes in a slab. */
    public static final int SLAB_WORDS = 262144;

    public static final int MAX_SLABS = 8192;
    /** Index of the signal frame's rule in the dictionary. */
    public static final int SIGNAL_RULE = 0;

    private Limits() {}
}
