package io.perfagent.agent;

import io.perfagent.bpf.abi.Limits;
import io.perfagent.model.Sample;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WalkEnd;
import io.perfagent.rewalk.x86_64.UserWalker;
import io.perfagent.rewalk.x86_64.Walked;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.walker.CodeRows;
import io.perfagent.walker.ElfSource;
import org.jspecify.annotations.Nullable;

/** Goes on in user space with samples whose walk stopped in the kernel, where the code was not known yet. One thread at a time. */
final class UserWalks {
    private final CodeMaps code;
    private final ElfSource binaries;
    private final UserWalker walker;
    private long walked;
    private long completed;
    private long guessed;
    private long frames;

    UserWalks(CodeMaps code, ElfSource binaries, RuleDictionary dictionary, UnwindMode mode) {
        this.code = code;
        this.binaries = binaries;
        this.walker = new UserWalker(dictionary, mode);
    }

    /** The sample with its whole stack, as far as there is one; null where it has to wait for more to be known. */
    @Nullable
    Sample goOn(StoppedSample stopped) {
        CodeRows rows = code.rows(stopped.image());
        if (rows == null) {
            return stopped.image().ended() ? stopped.sample() : null;
        }
        Walked rest = walk(stopped, rows);
        if (rest.end() == WalkEnd.TABLE_PENDING) {
            code.wanted(stopped.image(), rest.frames()[rest.frames().length - 1]);
            return null;
        }
        return finished(stopped, rest);
    }

    /** The sample with the stack that can be had now; tables that it takes are compiled meanwhile. */
    Sample finish(StoppedSample stopped) {
        CodeRows rows = code.rows(stopped.image());
        if (rows == null) {
            return stopped.sample();
        }
        Walked rest = walk(stopped, rows);
        int frames = 0;
        while (rest.end() == WalkEnd.TABLE_PENDING && rest.frames().length > frames) {
            frames = rest.frames().length;
            code.compile(stopped.image(), rest.frames()[frames - 1]);
            rest = walk(stopped, rows);
        }
        return finished(stopped, rest);
    }

    /** Samples that were walked on with. */
    long walked() {
        return walked;
    }

    /** Of them, those that have their whole stack now. */
    long completed() {
        return completed;
    }

    /** Frames that were found, those apart which the walks in the kernel had stopped at. */
    long frames() {
        return frames;
    }

    /** Frames that were left by a guess. */
    long guessed() {
        return guessed;
    }

    private Walked walk(StoppedSample stopped, CodeRows rows) {
        try (ImageCode memory = new ImageCode(stopped.image(), binaries)) {
            return walker.walk(
                    stopped.walk(),
                    rows,
                    memory,
                    code.jvm(stopped.image()),
                    Limits.MAX_USER_FRAMES - stopped.framesBelow());
        }
    }

    private Sample finished(StoppedSample stopped, Walked rest) {
        walked++;
        completed += rest.end().complete() ? 1 : 0;
        guessed += rest.guessed();
        frames += rest.frames().length - 1;
        code.hits(stopped.image(), rest.ownCode());
        return stopped.with(rest);
    }
}
