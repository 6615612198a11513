package io.perfagent.python;

import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Route;

/** What became of a deactivation. */
public sealed interface DeactivationResult {
    /** The trampoline is off, and was on before. */
    record Deactivated(Route route) implements DeactivationResult {}

    /** It was off already. */
    record AlreadyOff() implements DeactivationResult {}

    /** The process has ended or runs another program by now: there is nothing left to switch off. */
    record ProcessGone() implements DeactivationResult {}

    /**
     * It may still be on.
     *
     * @param detail what was found, in one line
     */
    record Failed(InjectRefusal reason, String detail) implements DeactivationResult {}
}
