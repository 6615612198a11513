package io.perfagent.output;

import io.perfagent.model.Location;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;

/** The frames of one stack as {@link PageData} writes them, outermost first: twice the id, and 1 more where the frame folds. */
final class FrameList {
    private int[] words = new int[256];
    private int size;

    /**
     * Becomes those of a stack.
     *
     * @param locations leaf first
     * @param folded which of them fold
     * @param frames ids of a location's frames, outermost first
     */
    void set(List<Location> locations, BitSet folded, Function<Location, int[]> frames) {
        size = 0;
        for (int at = locations.size() - 1; at >= 0; at--) {
            int fold = folded.get(at) ? 1 : 0;
            for (int frame : frames.apply(locations.get(at))) {
                add(2 * frame + fold);
            }
        }
    }

    /** Becomes the other, which becomes what this was. */
    void take(FrameList other) {
        int[] ours = words;
        words = other.words;
        size = other.size;
        other.words = ours;
        other.size = 0;
    }

    int size() {
        return size;
    }

    /** 0 for what is outside of the outermost. */
    int get(int at) {
        return at < 0 ? 0 : words[at];
    }

    /** How many of the outermost are the same. */
    int sharedWith(FrameList other) {
        int least = Math.min(size, other.size);
        int differ = Arrays.mismatch(words, 0, least, other.words, 0, least);
        return differ < 0 ? least : differ;
    }

    private void add(int word) {
        if (size == words.length) {
            words = Arrays.copyOf(words, 2 * size);
        }
        words[size++] = word;
    }
}
