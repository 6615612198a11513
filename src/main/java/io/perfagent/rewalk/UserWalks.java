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
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Goes on in user space with samples whose walk stopped in the kernel, where the code was not known yet. One thread at a time. */
final class UserWalks {
    /** Where a process's mappings have changed lately they are read sooner. */
    private static final long LONGEST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(600);

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

        /**
         * It has to wait.
         *
         * @param file for its table; null for the process's mappings to be read
         * @param soFar what it has, where it is not certain that it will have more; null where it is
         */
        record Waits(@Nullable FileId file, @Nullable Walked soFar) implements Outcome {}
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
            return stopped.image().ended() ? new Outcome.Whole(stopped.sample()) : new Outcome.Waits(null, null);
        }
        Walked rest = walk(stopped, rows);
        if (rest.end() == WalkEnd.TABLE_PENDING) {
            return new Outcome.Waits(code.want(stopped.image(), last(rest)), null);
        }
        if (rest.ownCode() != 0 && !isCertain(rest)) {
            FileId pending = code.wantAll(stopped.image());
            if (pending != null || mayComeToBeMapped(stopped, rest)) {
                return new Outcome.Waits(pending, rest);
            }
        }
        return new Outcome.Whole(finished(stopped, rest));
    }

    /** Memory that code was made in before it became executable is found when the mappings are read the next time, which such a sample causes. */
    private static boolean mayComeToBeMapped(StoppedSample stopped, Walked rest) {
        long nanos = stopped.sample().timeNanos();
        return !CodeTables.isMapped(stopped.image(), rest.ownCode())
                && stopped.image().readNanos() < nanos
                && !stopped.image().ended()
                && System.nanoTime() - nanos < LONGEST_LOOK_NANOS;
    }

    /** Goes on without the tables that are missing, as far as the files say more quickly what these will: null where that is not the whole stack. */
    @Nullable
    Sample goAhead(StoppedSample stopped) {
        CodeRows rows = code.rows(stopped.image());
        if (rows == null || stopped.image().ended()) {
            return null;
        }
        Walked rest = walk(stopped, ahead.rows(stopped.image(), rows));
        return isCertain(rest) ? finished(stopped, rest) : null;
    }

    /** One that waits, with what it has; null where that is not all that it may come to. */
    @Nullable
    Sample soFar(StoppedSample stopped, Outcome.Waits waits) {
        return waits.soFar() == null ? null : finished(stopped, waits.soFar());
    }

    private static boolean isCertain(Walked rest) {
        return rest.end().complete() && rest.guessed() == 0;
    }

    /** Lets go of what {@link #goAhead} has opened. */
    void closeFiles() {
        ahead.close();
    }

    /** Whether what a sample waited for is there. */
    boolean isReady(StoppedSample stopped, Outcome.Waits waits) {
        FileId file = waits.file();
        if (file != null) {
            return code.isReady(file);
        }
        Walked soFar = waits.soFar();
        return soFar == null
                ? !stopped.image().unread() || stopped.image().ended()
                : !mayComeToBeMapped(stopped, soFar);
    }

    /** The sample with the stack that can be had now; tables that it takes are compiled meanwhile. */
    Sample finish(StoppedSample stopped) {
        CodeRows rows = code.rows(stopped.image());
        if (rows == null) {
            return stopped.sample();
        }
        Walked rest = walk(stopped, rows);
        while (rest.end() == WalkEnd.TABLE_PENDING && code.compile(stopped.image(), last(rest))) {
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
