package io.perfagent.python.inject;

import java.util.List;

/** What all of a thread's filters together say to the calls that a command takes. */
final class SeccompRules {
    private static final SeccompAnswer ALLOW = new SeccompAnswer(SeccompAnswer.Action.ALLOW, 0);

    private final List<SeccompFilter> filters;
    private final SystemCalls calls;

    /** @param filters the oldest first */
    SeccompRules(List<SeccompFilter> filters, SystemCalls calls) {
        this.filters = filters;
        this.calls = calls;
    }

    boolean allow(NeededCall call) {
        return answer(call).allows();
    }

    /** What would do harm is named before what would only leave the map unwritten. */
    void require(List<NeededCall> needed) throws RefusedException {
        for (NeededCall call : needed) {
            SeccompAnswer answer = answer(call);
            if (!answer.allows() && (!answer.fails() || call.failure() == NeededCall.Failure.FORBIDS)) {
                throw refused(InjectRefusal.SECCOMP, answer, call);
            }
        }
        for (NeededCall call : needed) {
            SeccompAnswer answer = answer(call);
            if (!answer.allows() && call.failure() == NeededCall.Failure.NO_MAP) {
                throw refused(InjectRefusal.MAP_UNWRITABLE, answer, call);
            }
        }
    }

    SeccompAnswer answer(NeededCall call) {
        SeccompAnswer answer = ALLOW;
        SeccompData data = call.data(calls);
        if (data.number() < 0) {
            return answer; // not made on this architecture
        }
        for (SeccompFilter filter : filters) {
            answer = answer.severer(filter.answer(data));
        }
        return answer;
    }

    private static RefusedException refused(InjectRefusal reason, SeccompAnswer answer, NeededCall call) {
        return new RefusedException(reason, "its seccomp filter " + answer.on(call.label()));
    }
}
