package io.perfagent.runtime.cpython;

import io.perfagent.model.CodeMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** {@code _Py_DebugOffsets} of released versions: words of 64 bits, of which those that are not read are left 0. */
final class MadeUpOffsets {
    static final int WORDS = 111;
    private static final long COOKIE = 0x7970_6775_6265_6478L;

    private final long[] words;

    private MadeUpOffsets(long[] words) {
        this.words = words;
    }

    static MadeUpOffsets of(int minor) {
        MadeUpOffsets made = new MadeUpOffsets(new long[WORDS]);
        return switch (minor) {
            case 13 ->
                made.begin(0x030d_00f0L, 632, 7264, 7344)
                        .put(19, 352, 0, 8, 16, 72, 152, 160)
                        .frame(28, 80, 70)
                        .code(34)
                        .objects(44, 46, 50, 64, 67);
            case 14 ->
                made.begin(0x030e_0af0L, 824, 7344, 7424)
                        .put(22, 944, 0, 8, 16, 72, 152, 160)
                        .frame(31, 88, 74)
                        .code(39)
                        .objects(50, 52, 56, 74, 77);
            default ->
                made.begin(0x030f_02f0L, 824, 7344, 7424)
                        .put(22, 992, 0, 8, 16, 72, 80, 88, 96, 176, 184)
                        .frame(39, 88, 74)
                        .code(47)
                        .objects(58, 60, 68, 86, 89);
        };
    }

    /** What 3.13.15 says of itself where it was built without the GIL: objects begin with 32 bytes. */
    static MadeUpOffsets freeThreaded() {
        return new MadeUpOffsets(new long[WORDS])
                .begin(0x030d_0ff0L, 632, 7264, 7344)
                .put(2, 1)
                .put(19, 312, 0, 8, 16, 72, 152, 160)
                .frame(28, 80, 70)
                .put(34, 224, 128, 136, 144, 152, 84, 68, 112, 120, 216)
                .put(44, 32, 24)
                .put(46, 432, 40)
                .put(50, 48, 40, 32)
                .put(64, 56, 32, 48)
                .put(67, 80, 48, 32, 56);
    }

    MadeUpOffsets put(int index, long... values) {
        System.arraycopy(values, 0, words, index, values.length);
        return this;
    }

    MadeUpOffsets copy() {
        return new MadeUpOffsets(Arrays.copyOf(words, WORDS));
    }

    byte[] bytes() {
        ByteBuffer bytes = ByteBuffer.allocate(WORDS * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(words);
        return bytes.array();
    }

    LayoutResult layout(int minor) {
        CodeMemory memory = new MadeUpPython(MadeUpPython.layout(12), bytes()).memory();
        return PythonLayout.of(minor, MadeUpPython.START, memory);
    }

    private MadeUpOffsets begin(long version, long interpreters, long next, long threads) {
        return put(0, COOKIE, version, 0, 400_000, 0, interpreters, 200_000, next + 8, next, threads);
    }

    private MadeUpOffsets frame(int group, long size, long owner) {
        return put(group, size, 8, 0, 56, size - 8, owner);
    }

    private MadeUpOffsets code(int group) {
        return put(group, 216, 112, 120, 128, 136, 68, 52, 96, 104, 208);
    }

    private MadeUpOffsets objects(int object, int type, int tuple, int bytes, int text) {
        return put(object, 16, 8)
                .put(type, 416, 24)
                .put(tuple, 40, 32, 16)
                .put(bytes, 40, 16, 32)
                .put(text, 64, 32, 16, 40);
    }
}
