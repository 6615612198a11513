package io.perfagent.python.inject;

import java.nio.charset.StandardCharsets;

/** The Python code that initialises the trampoline. */
public final class Payload {
    /** Leaves no name behind and lets no exception out: a traceback would go to the target's stderr, SystemExit would end it. */
    private static final String ACTIVATION = """
            try:
             __import__('sys').activate_stack_trampoline('perf')
            except BaseException: pass
            """;

    private Payload() {}

    /** As a C string. */
    public static byte[] activation() {
        return (ACTIVATION + '\0').getBytes(StandardCharsets.US_ASCII);
    }
}
