package io.perfagent.python.inject;

import java.nio.charset.StandardCharsets;

/** The Python code that initialises the trampoline. */
public final class Payload {
    /**
     * Leaves no name behind and lets no exception out: a traceback would go to the target's stderr, SystemExit would end it. What CPython
     * itself means to print, where it is denied executable memory, goes to {@code bool}, which takes it and does nothing.
     */
    private static final String ACTIVATION = """
            try:
             exec("import sys as s\\nh=s.unraisablehook\\ns.unraisablehook=bool\\ntry:s.activate_stack_trampoline('perf')\\nfinally:s.unraisablehook=h", {})
            except BaseException: pass
            """;

    private Payload() {}

    /** As a C string. */
    public static byte[] activation() {
        return (ACTIVATION + '\0').getBytes(StandardCharsets.US_ASCII);
    }
}
