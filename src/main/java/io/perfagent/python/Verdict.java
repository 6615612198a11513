package io.perfagent.python;

import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Interpreter;

/** Whether a process can be activated, as far as can be told without touching it. */
public sealed interface Verdict {
    /** It can, as it looks. */
    record Candidate(Interpreter interpreter, Outlook outlook) implements Verdict {}

    /**
     * It cannot.
     *
     * @param detail what was found, in one line
     */
    record Refused(InjectRefusal reason, String detail) implements Verdict {}
}
