package io.perfagent.python.inject;

import java.util.StringJoiner;

/**
 * Since when CPython takes names that are no UTF-8 (python/cpython#156114). Before that, the line for a function whose file has such a
 * name leaves an exception behind, and the program ends over it.
 */
public final class NamesInUtf8 {
    private static final int NEVER = 255;

    private NamesInUtf8() {}

    /** Whether all names must be in UTF-8. */
    public static boolean required(Interpreter interpreter) {
        return required(interpreter.minor(), interpreter.micro());
    }

    public static boolean required(int minor, int micro) {
        return micro < firstCured(minor);
    }

    /** The oldest release of each line that was seen to be cured. */
    private static int firstCured(int minor) {
        return switch (minor) {
            case 12 -> NEVER;
            case 13 -> 18;
            case 14 -> 10;
            case 15 -> 2;
            default -> 0;
        };
    }

    /** @param where such a name is */
    public static RefusedException refused(Interpreter interpreter, String where) {
        return new RefusedException(
                InjectRefusal.UNDECODABLE_NAMES,
                where + " is not UTF-8, and CPython " + interpreter.versionText()
                        + " ends over the name of a function whose file has such a name");
    }

    /** {@link #firstCured} in Python. */
    static String table() {
        StringJoiner table = new StringJoiner(",", "{", "}");
        for (int minor = 12; minor <= 15; minor++) {
            table.add(minor + ":" + firstCured(minor));
        }
        return table.toString();
    }
}
