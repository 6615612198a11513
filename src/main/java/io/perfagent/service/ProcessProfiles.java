package io.perfagent.service;

import io.perfagent.model.Event;
import io.perfagent.model.Measure;
import io.perfagent.model.Profile;
import io.perfagent.model.RunAccount;
import io.perfagent.model.StackCount;
import io.perfagent.profile.Completeness;
import io.perfagent.profile.Naming;
import io.perfagent.report.Release;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Profiles of one process each, cut out of a run of many: no walker is loaded for them. The run is cut where one begins and where it ends,
 * and what lies in between is looked through.
 *
 * <pre>
 *   the run's     ├─ interval ────────┼────── interval ─────────┤
 *   cuts          │      │            │            │            │
 *   one of these         ├────────────┴────────────┤
 * </pre>
 */
public final class ProcessProfiles {
    /** Each has stacks of its own until it is written. */
    private static final int MOST = 2;

    private static final Pattern OF_SAMPLES = Pattern.compile("dropped|left out|missed");

    private final List<Asked> waiting = new ArrayList<>();
    private final List<Asked> open = new ArrayList<>();
    private boolean ended;

    /** One that is asked for; {@code end} is CLOCK_MONOTONIC. */
    private static final class Asked {
        private final int pid;
        private final Duration length;
        private final CompletableFuture<Profile> answer = new CompletableFuture<>();
        private final List<StackCount> stacks = new ArrayList<>();
        private final Set<String> lost = new LinkedHashSet<>();
        private @Nullable Profile first;
        private Duration duration = Duration.ZERO;
        private long end;

        Asked(int pid, Duration length) {
            this.pid = pid;
            this.length = length;
        }

        void add(Profile piece) {
            first = first == null ? piece : first;
            duration = duration.plus(piece.duration());
            piece.stacks().stream().filter(stack -> stack.pid() == pid).forEach(stacks::add);
            piece.account().lost().stream()
                    .filter(line -> OF_SAMPLES.matcher(line).lookingAt())
                    .forEach(lost::add);
        }

        void finish() {
            Profile piece = first;
            if (piece == null) {
                answer.cancel(false);
                return;
            }
            List<String> comments = List.of("perf-agent " + Release.version(), comment());
            answer.complete(new Profile(
                    piece.start(), piece.startNanos(), duration, piece.measure(), stacks, comments, RunAccount.NONE));
        }

        /** What is known of these samples, and what the run has lost meanwhile, of whichever process. */
        private String comment() {
            Completeness completeness = new Completeness();
            stacks.forEach(stack -> completeness.add(stack.end(), stack.guessed(), samples(stack)));
            List<String> lines = new ArrayList<>(List.of("process " + pid + " out of a run of more"));
            lines.add(completeness.line());
            lines.addAll(completeness.cuts());
            lines.addAll(Naming.of(event(), stacks).lines());
            lines.add("meanwhile the run has lost: " + (lost.isEmpty() ? "nothing" : String.join("; ", lost)));
            return String.join("; ", lines);
        }

        private long samples(StackCount stack) {
            return event() == Event.CPU_CLOCK
                    ? stack.count()
                    : Math.max(1, stack.activity().waits());
        }

        /** What the samples are of. */
        private Event event() {
            Measure measure = first == null ? null : first.measure();
            return Measure.WALL.equals(measure)
                    ? Event.WALL
                    : Measure.OFF_CPU.equals(measure) ? Event.OFF_CPU : Event.CPU_CLOCK;
        }
    }

    /** Null where as many are under way as there may be. Cancelled where the run ends before it has begun; who waits no more cancels it. */
    public synchronized @Nullable Future<Profile> ask(int pid, Duration length) {
        waiting.removeIf(asked -> asked.answer.isDone());
        open.removeIf(asked -> asked.answer.isDone());
        if (ended || asked() >= MOST) {
            return null;
        }
        Asked asked = new Asked(pid, length);
        waiting.add(asked);
        return asked.answer;
    }

    /** How many are under way. */
    synchronized int asked() {
        return waiting.size() + open.size();
    }

    /** Whether the run is to be cut: one is to begin or to end. */
    public synchronized boolean wantCut(long now) {
        return !waiting.isEmpty() || open.stream().anyMatch(asked -> now - asked.end >= 0);
    }

    /** The run has been cut. */
    public synchronized void cut(Profile piece, long now) {
        open.forEach(asked -> asked.add(piece));
        for (Iterator<Asked> all = open.iterator(); all.hasNext(); ) {
            Asked asked = all.next();
            if (now - asked.end >= 0) {
                asked.finish();
                all.remove();
            }
        }
        for (Asked asked : waiting) {
            asked.end = now + asked.length.toNanos();
            open.add(asked);
        }
        waiting.clear();
    }

    /** Samples are taken no more, for now or for ever: who waits gets what there is. */
    public synchronized void interrupt() {
        open.forEach(Asked::finish);
        open.clear();
    }

    /** None is answered from now on. */
    public synchronized void end() {
        ended = true;
        interrupt();
        waiting.forEach(Asked::finish);
        waiting.clear();
    }
}
