package io.perfagent.view.pprof;

import io.perfagent.model.PrintableName;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The strings of a profile, where they are in its bytes: most are never asked for. They are made fit to be printed. */
final class Strings {
    private final byte[] bytes;
    private int[] places = new int[1 << 10]; // from, length
    private @Nullable String[] made = new String[0];
    private int count;

    Strings(byte[] bytes) {
        this.bytes = bytes;
    }

    void add(int from, int length) {
        if (2 * count == places.length) {
            places = Arrays.copyOf(places, 2 * places.length);
        }
        places[2 * count] = from;
        places[2 * count + 1] = length;
        count++;
    }

    int count() {
        return count;
    }

    /** The index as an int; refuses what is outside of the table. */
    int checked(long index) throws BadProfileException {
        if (index < 0 || index >= Math.max(1, count)) {
            throw BadProfileException.damaged("it names string " + index + " of " + count);
        }
        return (int) index;
    }

    /** Text of a checked index. */
    String get(int index) {
        if (index == 0) {
            return "";
        }
        if (made.length != count) {
            made = Arrays.copyOf(made, count);
        }
        String text = made[index];
        if (text == null) {
            text = PrintableName.whole(bytes, places[2 * index], places[2 * index + 1]);
            made[index] = text;
        }
        return text;
    }
}
