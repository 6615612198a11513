package io.perfagent.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The frames of CPython's interpreter that a sample has, as the kernel side read them ({@code enum python_word} of {@code bpf/abi.h}):
 * innermost first, those of each call of the evaluation loop followed by which call that was.
 *
 * @param words a frame is two, a call one
 * @param end what came of reading them
 */
@SuppressWarnings("ArrayRecordComponent") // one per sample, never compared
public record PythonFrames(long[] words, End end) {
    public static final PythonFrames NONE = new PythonFrames(new long[0], End.NONE);

    private static final int FRAME = 0xa;
    private static final int CALL = 0xb;
    private static final int KIND_SHIFT = 60;
    private static final int INDEX_SHIFT = 48;
    private static final int NO_INDEX = 0xfff;
    private static final long ADDRESS = (1L << INDEX_SHIFT) - 1;

    /** {@code enum python_end}. */
    public enum End {
        NONE(""),
        READ(""),
        NO_THREAD(""), // of a library's own threads
        UNREADABLE("whose memory is not what it should be"),
        TOO_DEEP("of thousands of frames, without the outermost"),
        /** Of user space's finding. */
        UNMATCHED("with more or fewer frames than calls of the evaluation function");

        private static final End[] ALL = values();
        private final String description;

        End(String description) {
            this.description = description;
        }

        /** Why frames are missing; empty where none are. */
        public String description() {
            return description;
        }

        public boolean lost() {
            return !description.isEmpty();
        }

        public static End of(int number) {
            return ALL[number];
        }
    }

    /** Whether a word is one of these, and so no address. */
    public static boolean isWord(long word) {
        return word >>> (KIND_SHIFT + 1) == FRAME >> 1;
    }

    /** Whether a word of a stack begins a frame of CPython's, which the next one belongs to. */
    public static boolean isFrame(long word) {
        return word >>> KIND_SHIFT == FRAME;
    }

    /** The first word of a frame. */
    public static long frameWord(long code) {
        return (long) FRAME << KIND_SHIFT | (code & ADDRESS);
    }

    /** The word of a call that is on the stack, where is not known yet; {@code local} is the address of a local of it, or 0. */
    public static long callWord(long local) {
        return (long) CALL << KIND_SHIFT | (long) NO_INDEX << INDEX_SHIFT | (local & ADDRESS);
    }

    /** The address of the code object that a frame runs. */
    public static long code(long word) {
        return word & ADDRESS;
    }

    /** Where in the code object it is: bytes, or units in 3.10. */
    public static int instruction(long detail) {
        return (int) (detail >> 32);
    }

    /** Tells the code object from others that have its address at other times. */
    public static int tag(long detail) {
        return (int) detail;
    }

    /**
     * Frames that one call of the evaluation loop runs.
     *
     * @param before index of the address in that loop
     * @param from first of their words
     */
    private record Run(int before, int from, int size) {}

    /**
     * A stack with these frames in it: those of each call before the address in the evaluation loop that runs them, those whose call is
     * not on the stack behind all.
     *
     * @param user addresses, leaf first
     */
    public long[] in(long[] user) {
        if (words.length == 0) {
            return user;
        }
        long[] frames = new long[words.length];
        long[] merged = new long[user.length + words.length];
        int size = 0;
        int taken = 0;
        for (Run run : runs(frames, user.length)) {
            System.arraycopy(user, taken, merged, size, run.before - taken);
            size += run.before - taken;
            System.arraycopy(frames, run.from, merged, size, run.size);
            size += run.size;
            taken = run.before;
        }
        System.arraycopy(user, taken, merged, size, user.length - taken);
        return Arrays.copyOf(merged, size + user.length - taken);
    }

    /** From the leaf on. A thread that runs several interpreters has the frames of one behind those of another. */
    private List<Run> runs(long[] frames, int depth) {
        List<Run> runs = new ArrayList<>();
        int from = 0;
        int size = 0;
        for (int at = 0; at < words.length; at++) {
            if (isFrame(at)) {
                frames[size++] = words[at++];
                frames[size++] = words[at];
            } else if (isPlaced(words[at])) {
                add(runs, new Run(Math.min(index(words[at]), depth), from, size - from));
                from = size;
            }
        }
        add(runs, new Run(depth, from, size - from));
        return runs;
    }

    /** They mostly come in order. */
    private static void add(List<Run> runs, Run run) {
        int place = runs.size();
        while (place > 0 && runs.get(place - 1).before > run.before) {
            place--;
        }
        runs.add(place, run);
    }

    /** Whether a frame begins there, which is two words, and no call. */
    private boolean isFrame(int at) {
        return words[at] >>> KIND_SHIFT == FRAME && at + 1 < words.length;
    }

    /** Takes the two words of a frame. */
    @FunctionalInterface
    public interface Visitor {
        void visit(long word, long detail);
    }

    /** Hands over each frame, innermost first. */
    public void forEach(Visitor visitor) {
        for (int at = 0; at < words.length; at++) {
            if (isFrame(at)) {
                visitor.visit(words[at], words[++at]);
            }
        }
    }

    /** Frames whose call is not on the stack, as far as it was walked. */
    public int unplaced() {
        int unplaced = 0;
        for (int at = 0; at < words.length; at++) {
            if (isFrame(at)) {
                unplaced++;
                at++;
            } else if (isPlaced(words[at])) {
                unplaced = 0;
            }
        }
        return unplaced;
    }

    /** How many calls of the evaluation loop there are. */
    public int calls() {
        int calls = 0;
        for (int at = 0; at < words.length; at++) {
            if (isFrame(at)) {
                at++;
            } else {
                calls++;
            }
        }
        return calls;
    }

    /** Says which address of a stack is in a call of the evaluation loop. */
    @FunctionalInterface
    public interface Place {
        /**
         * The index of that address, leaf first; −1 where there is none.
         *
         * @param number of the call, innermost first
         * @param local address of a local of that call, 0 where none is known
         */
        int of(int number, long local);
    }

    /** The same frames, with those calls placed that were not. */
    public PythonFrames placed(Place place) {
        long[] placed = words.clone();
        int number = 0;
        for (int at = 0; at < words.length; at += isFrame(at) ? 2 : 1) {
            if (!isFrame(at)) {
                placed[at] = isPlaced(words[at]) ? words[at] : placed(words[at], place.of(number, words[at] & ADDRESS));
                number++;
            }
        }
        return new PythonFrames(placed, end);
    }

    /** The indexes of the addresses in calls of the evaluation loop, as far as they are known. */
    public BitSet places() {
        BitSet places = new BitSet();
        for (int at = 0; at < words.length; at += isFrame(at) ? 2 : 1) {
            if (!isFrame(at) && isPlaced(words[at])) {
                places.set(index(words[at]));
            }
        }
        return places;
    }

    /** The same frames for a stack without some of its addresses, none of which is in a call. */
    public PythonFrames without(BitSet addresses) {
        long[] moved = words.clone();
        for (int at = 0; at < words.length; at += isFrame(at) ? 2 : 1) {
            if (!isFrame(at) && isPlaced(words[at])) {
                int index = index(words[at]);
                moved[at] = placed(words[at], index - addresses.get(0, index).cardinality());
            }
        }
        return new PythonFrames(moved, end);
    }

    private static long placed(long call, int index) {
        boolean known = index >= 0 && index < NO_INDEX;
        return known ? (call & ~((long) NO_INDEX << INDEX_SHIFT)) | ((long) index << INDEX_SHIFT) : call;
    }

    private static boolean isPlaced(long call) {
        return index(call) != NO_INDEX;
    }

    private static int index(long word) {
        return (int) (word >>> INDEX_SHIFT) & NO_INDEX;
    }
}
