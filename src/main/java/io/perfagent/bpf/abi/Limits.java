package io.perfagent.bpf.abi;

/** {@code enum abi_limit}. */
public final class Limits {
    public static final int MAX_USER_FRAMES = 4096;
    public static final int MAX_KERNEL_FRAMES = 128;
    /** Of a thread that is not sampled, but listed. */
    public static final int MAX_THREAD_KERNEL_FRAMES = 48;
    /** Of a stack, bytes; the last page that is read may exceed it. */
    public static final int MAX_COPY_BYTES = 131072;

    public static final int LAST_COPY_BYTES = 16384;
    /** Words of 4 bytes in a slab. */
    public static final int SLAB_WORDS = 262144;

    public static final int MAX_SLABS = 8192;
    /** Index of the signal frame's rule in the dictionary. */
    public static final int SIGNAL_RULE = 0;
    /** Code that a process has made, all of which keeps frame pointers; behind all of the dictionary. */
    public static final int FRAMED_RULE = 0x3fffd;
    /** A frame of HotSpot's interpreter; behind all of the dictionary. */
    public static final int INTERPRETED_RULE = 0x3fffe;
    /** Never in a table: holds for one frame of one walk. */
    public static final int COMPUTED_RULE = 0x3ffff;
    /** Parts of a JVM's code cache. */
    public static final int CODE_HEAPS = 6;
    /** From the start of a block of a JVM's code, in which the fields begin that are read of it. */
    public static final int BLOB_HEAD_BYTES = 128;
    /** Of CPython's frames in one sample. */
    public static final int MAX_PYTHON_WORDS = 8192;
    /** From the start of a frame of CPython's interpreter, in which the fields lie that are read of it. */
    public static final int PYTHON_FRAME_BYTES = 128;
    /** Likewise of a thread state. */
    public static final int PYTHON_THREAD_BYTES = 256;
    /** Likewise of a code object. */
    public static final int PYTHON_CODE_BYTES = 160;
    /** Likewise of a function. */
    public static final int PYTHON_FUNCTION_BYTES = 128;
    /** Of a code object, in which the words lie that tell it from another which had its address. */
    public static final int PYTHON_TAG_BYTES = 96;
    /** Of a code object, that tell it from another which had its address. */
    public static final int TAG_WORDS = 5;
    /** Of a name, with what is before its characters. */
    public static final int SENT_TEXT_BYTES = 256;
    /** Of a table of lines, likewise. */
    public static final int SENT_TABLE_BYTES = 1024;

    /** Threads whose numbers are alike, and which have room in the table of those off the CPU. */
    public static final int ABSENCE_SET_SIZE = 8;

    private Limits() {}
}
