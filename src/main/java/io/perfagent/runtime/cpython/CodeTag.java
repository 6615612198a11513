package io.perfagent.runtime.cpython;

import static io.perfagent.runtime.cpython.PythonLayout.NONE;

import io.perfagent.runtime.cpython.PythonLayout.Code;
import java.util.List;

/**
 * What tells a code object from another that is made later at the same address: 32 bits, mixed of some words, five at most. They are read in the
 * interrupt of a sample and again when the code object's name is, and must be equal.
 *
 * @param counter where an interpreter has 32 bits that are others once a code object has been made, or has died, and are not 0; as long as they
 *     stay, so does each tag. {@link PythonLayout#NONE} where it has none, or it is not known
 */
public record CodeTag(List<Word> words, int counter) {
    public CodeTag {
        words = List.copyOf(words);
    }

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
    static CodeTag byVersion(Code code, int counter) {
        return new CodeTag(
                List.of(
                        new Word(code.firstLine() & -Long.BYTES, NONE),
                        new Word(code.version() & -Long.BYTES, NONE),
                        new Word(code.lines(), NONE)),
                counter);
    }

    /** Where the words begin in a code object. */
    int start() {
        return words.stream().mapToInt(Word::at).min().orElseThrow();
    }

    /** How many bytes hold all words, from where they begin. */
    int size() {
        return words.stream().mapToInt(Word::at).max().orElseThrow() + Long.BYTES - start();
    }

    private static long fold(long mixed, long word) {
        long product = (mixed ^ word) * MIX;
        return product ^ product >>> 32;
    }

    /** Each word is XORed into what there is, then multiplied, then folded. */
    public static int mix(long... words) {
        long tag = 0;
        for (long word : words) {
            tag = fold(tag, word);
        }
        return (int) tag;
    }

    int read(long code, PythonMemory memory) throws MissedException {
        long[] read = new long[words.size()];
        for (int i = 0; i < read.length; i++) {
            read[i] = words.get(i).read(code, memory);
        }
        return mix(read);
    }
}
