package io.perfagent.runtime.cpython;

/**
 * {@code co_linetable} from 3.11 on (Objects/locations.md): entries, whose first byte alone has its highest bit set.
 *
 * <pre>
 *   1 kkkk lll │ …   lll + 1 units of two bytes; k: 15 no line, 14 and 13 a signed number follows, 10 to 12 it is k − 10, below that 0:
 *                    by how many the line is further than that of the entry before
 *   0 m dddddd │ …   of a number, six bits, lowest first; m: more follow. Of a signed one bit 0 is the sign.
 * </pre>
 */
final class LocationCursor extends LineCursor {
    private static final int NO_LINE = 15;
    private static final int LONG_FORM = 14;
    private static final int NO_COLUMNS = 13;
    private static final int ONE_LINE = 10;
    private static final int MORE = 0x40;

    LocationCursor(byte[] table, int firstLine) {
        super(table, firstLine);
    }

    @Override
    boolean advance() {
        if (at >= table.length) {
            return false;
        }
        int kind = table[at] >>> 3 & 15;
        end += ((table[at] & 7) + 1) * 2;
        running += increment(kind);
        line = kind == NO_LINE ? 0 : running;
        do {
            at++;
        } while (at < table.length && table[at] >= 0);
        return true;
    }

    private int increment(int kind) {
        return switch (kind) {
            case LONG_FORM, NO_COLUMNS -> signed(number());
            case ONE_LINE, ONE_LINE + 1, ONE_LINE + 2 -> kind - ONE_LINE;
            default -> 0;
        };
    }

    private static int signed(int number) {
        return (number & 1) == 0 ? number >>> 1 : -(number >>> 1);
    }

    /** The one behind the first byte; as far as there are bytes of it. */
    private int number() {
        int number = 0;
        int shift = 0;
        for (int place = at + 1; place < table.length && table[place] >= 0 && shift < Integer.SIZE; place++) {
            number |= (table[place] & 63) << shift;
            shift += 6;
            if ((table[place] & MORE) == 0) {
                break;
            }
        }
        return number;
    }
}
