package io.perfagent.top;

import java.io.IOException;
import java.util.Map;
import org.jline.utils.NonBlockingReader;

/**
 * Keys as a terminal sends them (ECMA-48, xterm's control sequences): characters as themselves, all others as a sequence.
 *
 * <pre>
 *   ESC [ parameters final    arrows, Page Up …   ESC [ A, ESC [ 5 ~
 *   ESC O final               the same in the terminal's other mode
 *   ESC alone                 nothing follows for a moment
 * </pre>
 */
final class Keys {
    static final int NONE = -1;
    /** There is no terminal any more. */
    static final int GONE = -2;

    static final int ESCAPE = 0x1b;
    static final int INTERRUPT = 'C' - '@';
    static final int REDRAW = 'L' - '@';
    static final int TAB = '\t';
    static final int ENTER = '\r';
    static final int BACKSPACE = 0x7f;
    static final int UP = Character.MAX_CODE_POINT + 1;
    static final int DOWN = UP + 1;
    static final int PAGE_UP = UP + 2;
    static final int PAGE_DOWN = UP + 3;
    static final int HOME = UP + 4;
    static final int END = UP + 5;

    private static final long ESCAPE_MILLIS = 50;
    private static final int LONGEST_SEQUENCE = 16;
    private static final Map<String, Integer> SEQUENCES = Map.of(
            "A", UP, "B", DOWN, "H", HOME, "F", END, "1~", HOME, "7~", HOME, "4~", END, "8~", END, "5~", PAGE_UP, "6~",
            PAGE_DOWN);

    private final NonBlockingReader in;

    Keys(NonBlockingReader in) {
        this.in = in;
    }

    /** The next key; {@link #NONE} where none is pressed for so long, or an unknown one. */
    int next(long millis) throws IOException {
        int first = in.read(millis);
        return switch (first) {
            case NonBlockingReader.READ_EXPIRED -> NONE;
            case NonBlockingReader.EOF -> GONE;
            case ESCAPE -> escaped();
            case '\n' -> ENTER;
            case '\b' -> BACKSPACE;
            default -> Character.isHighSurrogate((char) first) ? pair((char) first) : first;
        };
    }

    private int escaped() throws IOException {
        int introducer = in.read(ESCAPE_MILLIS);
        if (introducer != '[' && introducer != 'O') {
            return introducer < 0 ? ESCAPE : NONE; // Alt and a key
        }
        StringBuilder sequence = new StringBuilder();
        int next;
        do {
            next = in.read(ESCAPE_MILLIS);
            sequence.append((char) Math.max(next, 0));
        } while (next >= ' ' && next < '@' && sequence.length() < LONGEST_SEQUENCE);
        return SEQUENCES.getOrDefault(sequence.toString(), NONE);
    }

    private int pair(char high) throws IOException {
        int low = in.read(ESCAPE_MILLIS);
        return low >= 0 && Character.isLowSurrogate((char) low) ? Character.toCodePoint(high, (char) low) : NONE;
    }
}
