package io.perfagent.rewalk.x86_64;

import io.perfagent.model.WalkEnd;

/** No caller can be found, or there is none. Costs no stack trace: every walk ends with one. */
class WalkEnded extends Exception {
    private static final long serialVersionUID = 1;

    private final WalkEnd end;

    WalkEnded(WalkEnd end) {
        super(end.description(), null, false, false);
        this.end = end;
    }

    WalkEnd end() {
        return end;
    }
}
