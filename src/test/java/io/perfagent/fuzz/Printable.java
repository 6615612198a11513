package io.perfagent.fuzz;

/** What a name must be before it is shown: no character that a terminal obeys. */
public final class Printable {
    private Printable() {}

    /** A name, or none. */
    public static void expect(String name) {
        if (name != null
                && name.codePoints()
                        .anyMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT)) {
            throw new AssertionError("a name that a terminal obeys");
        }
    }
}
