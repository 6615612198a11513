package io.perfagent.rewalk.x86_64;

import io.perfagent.model.WalkEnd;

/** The frame that a walk has come to is none: its callee's rule has led to a word that no call has left there. */
final class NoFrame extends WalkEnded {
    private static final long serialVersionUID = 1;

    NoFrame() {
        super(WalkEnd.NOT_CALLED);
    }
}
