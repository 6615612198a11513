package io.perfagent.agent;

import io.perfagent.bpf.abi.Limits;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.CodeRows;
import io.perfagent.unwind.RuleDictionary;
import io.perfagent.unwind.x86_64.UserWalker;
import io.perfagent.unwind.x86_64.Walked;
import java.io.IOException;

/** Walks on, once the code is known, with the samples whose walk stopped in the kernel. One thread. */
final class UserWalks {
    private final Collector collector;
    private final CodeMaps code;
    private final UserWalker walker;
    private long walked;
    private long completed;
    private long guessed;

    UserWalks(Collector collector, CodeMaps code, RuleDictionary dictionary, UnwindMode mode) {
        this.collector = collector;
        this.code = code;
        this.walker = new UserWalker(dictionary, mode);
    }

    /** Goes on with all samples of which more is known than when they stopped; the others go on waiting. */
    void go() throws IOException {
        for (int pid : collector.stoppedPids()) {
            goOn(pid, false);
        }
    }

    /** Goes on with all samples, with what is known: what stops again is counted for its reason. */
    void finish() throws IOException {
        for (int pid : collector.stoppedPids()) {
            goOn(pid, true);
        }
    }

    /** Samples that were walked on with. */
    long walked() {
        return walked;
    }

    /** Of them, those that have their whole stack now. */
    long completed() {
        return completed;
    }

    /** Frames that were left by a guess. */
    long guessed() {
        return guessed;
    }

    private void goOn(int pid, boolean last) throws IOException {
        boolean ownCode = false;
        try (TargetCode memory = new TargetCode(pid)) {
            for (StoppedSample stopped : collector.takeStopped(pid)) {
                ownCode |= goOn(stopped, memory, last || code.ended(pid)) == WalkEnd.NO_MAPPING;
            }
        }
        if (ownCode) {
            code.makesCode(pid);
        }
    }

    private WalkEnd goOn(StoppedSample stopped, TargetCode memory, boolean last) {
        CodeRows rows =
                code.rows(stopped.sample().pid(), last ? 0 : stopped.sample().timeNanos());
        if (rows == null) {
            return last ? give(stopped) : wait(stopped);
        }
        int room = Limits.MAX_USER_FRAMES - stopped.framesBelow();
        Walked rest = walker.walk(stopped.walk(), rows, memory, room);
        if (rest.end() == WalkEnd.TABLE_PENDING && !last) {
            return wait(stopped);
        }
        count(rest);
        collector.finish(stopped, stopped.with(rest));
        return rest.end();
    }

    private void count(Walked rest) {
        walked++;
        completed += rest.end().complete() ? 1 : 0;
        guessed += rest.guessed();
    }

    private WalkEnd give(StoppedSample stopped) {
        collector.finish(stopped, stopped.sample());
        return stopped.sample().end();
    }

    private WalkEnd wait(StoppedSample stopped) {
        collector.keepWaiting(stopped);
        return WalkEnd.TABLE_PENDING;
    }
}
