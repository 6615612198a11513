package io.perfagent.python;

import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Route;

/** What became of an activation. */
public sealed interface ActivationResult {
    /** The trampoline is on, and was off before. */
    record Activated(Route route) implements ActivationResult {}

    /** The trampoline was on: through {@code -X perf}, PYTHONPERFSUPPORT, the program itself, or another run. */
    record AlreadyOn() implements ActivationResult {}

    /**
     * Nothing changed.
     *
     * @param detail what was found, in one line
     */
    record Refused(InjectRefusal reason, String detail) implements ActivationResult {}
}
