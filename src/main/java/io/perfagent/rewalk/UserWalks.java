package io.perfagent.rewalk;

import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.bpf.abi.Limits;
import io.perfagent.model.FileId;
import io.perfagent.model.RewalkCounters;
import io.perfagent.model.Sample;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WalkEnd;
import io.perfagent.process.Image;
import io.perfagent.rewalk.x86_64.UserWalker;
import io.perfagent.rewalk.x86_64.Walked;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.walker.CodeRows;
import io.perfagent.walker.CodeTables;
import io.perfagent.walker.ElfSource;
import io.perfagent.walker.TablesAhead;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Goes on in user space with samples whose walk stopped in the kernel, where the code was not known yet. One thread at a time. */
final class UserWalks {
    private final CodeTables code;
    private final ElfSource binaries;
    private final Function<Image, @Nullable HotSpotEntry> jvms;
    private final UserWalker walker;
    private final TablesAhead ahead;
    /** Written by the thread that walks. */
    private volatile RewalkCounters counters = RewalkCounters.NONE;

    /** What has become of a sample. */
    sealed interface Outcome {
        /** It has its whole stack, as far as there is one. */
        record Whole(Sample sample) implements Outcome {}

        /** It has to wait for a file's table; null for its process's mappings. */
        record Waits(@Nullable FileId file) implements Outcome {}
    }

    UserWalks(
            CodeTables code,
            ElfSource binaries,
            Function<Image, @Nullable HotSpotEntry> jvms,
            RuleDictionary dictionary,
            UnwindMode mode) {
        this.code = code;
        this.binaries = binaries;
        this.jvms = jvms;
        this.walker = new UserWalker(dictionary, mode);
        this.ahead = new TablesAhead(binaries, dictionary);
    }

    Outcome goOn(StoppedSample stopped) {
        CodeRows rows = code.rows(stopped.image());
        if (rows == null) {
            return stopped.image().ended() ? new Outcome.Whole(stopped.sample()) : new Outcome.Waits(null);
        }
        Walked rest = walk(stopped, rows);
        if (rest.end() == WalkEnd.TABLE_PENDING) {
            FileId file = code.want(stopped.image(), last(rest));
            return new Outcome.Waits(file);
        }
        return new Outcome.Whole(finished(stopped, rest));
    }

    /** Goes on without the tables that are missing, as far as the files say more quickly what these will: null where that is not the whole stack. */
    @Nullable
    Sample goAhead(StoppedSample stopped) {
        CodeRows rows = code.rows(stopped.image());
        if (rows == null || stopped.image().ended()) {
            return null;
        }
        Walked rest = walk(stopped, ahead.rows(stopped.image(), rows));
        return rest.end().complete() && rest.guessed() == 0 ? finished(stopped, rest) : null;
    }

    /** Lets go of what {@link #goAhead} has opened. */
    void closeFiles() {
        ahead.close();
    }

    /** Whether what a sample waited for is there. */
    boolean isReady(StoppedSample stopped, Outcome.Waits waits) {
        FileId file = waits.file();
        return file == null ? !stopped.image().unread() || stopped.image().ended() : code.isReady(file);
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
            code.compile(stopped.image(), last(rest));
            rest = walk(stopped, rows);
        }
        return finished(stopped, rest);
    }

    RewalkCounters counters() {
        return counters;
    }

    private static long last(Walked walked) {
        return walked.frames()[walked.frames().length - 1];
    }

    private Walked walk(StoppedSample stopped, CodeRows rows) {
        try (ImageCode memory = new ImageCode(stopped.image(), binaries)) {
            return walker.walk(
                    stopped.walk(),
                    rows,
                    memory,
                    jvms.apply(stopped.image()),
                    Limits.MAX_USER_FRAMES - stopped.framesBelow());
        }
    }

    private Sample finished(StoppedSample stopped, Walked rest) {
        counters = counters.plus(rest.end().complete(), rest.frames().length - 1, rest.guessed());
        code.hits(stopped.image(), rest.ownCode());
        return stopped.with(rest);
    }
}
