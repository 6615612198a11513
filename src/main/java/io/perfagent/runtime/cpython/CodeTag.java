package io.perfagent.runtime.cpython;

import static io.perfagent.runtime.cpython.PythonLayout.NONE;

import io.perfagent.runtime.cpython.PythonLayout.Code;

/**
 * What tells a code object from another that is made later at the same address: 32 bits, mixed of three words. They are read in the
 * interrupt of a sample and again when the code object's name is, and must be equal.
 */
public record CodeTag(Word first, Word second, Word third) {
    private static final long MIX = 0x9E37_79B9_7F4A_7C15L;

    /**
     * 64 bits.
     *
     * @param at where they are in a code object, at a multiple of eight bytes
     * @param inside {@link PythonLayout#NONE}; or what is there is a pointer, and the word is so many bytes into what it points to
     */
    public record Word(int at, int inside) {
        long read(long code, PythonMemory memory) throws MissedException {
            long word = memory.word(code + at);
            return inside == NONE ? word : memory.word(word + inside);
        }
    }

    /** From 3.12 on each code object has a version of its own. */
    static CodeTag byVersion(Code code) {
        return new CodeTag(
                new Word(code.firstLine() & -Long.BYTES, NONE),
                new Word(code.version() & -Long.BYTES, NONE),
                new Word(code.lines(), NONE));
    }

    /** The tag of three words: each is XORed into what there is, then multiplied, then folded. */
    public static int mix(long first, long second, long third) {
        return (int) fold(fold(fold(0, first), second), third);
    }

    private static long fold(long mixed, long word) {
        long product = (mixed ^ word) * MIX;
        return product ^ product >>> 32;
    }

    int read(long code, PythonMemory memory) throws MissedException {
        return mix(first.read(code, memory), second.read(code, memory), third.read(code, memory));
    }
}
