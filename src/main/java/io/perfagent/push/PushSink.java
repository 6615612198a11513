package io.perfagent.push;

import io.perfagent.model.CannotStartException;
import io.perfagent.report.Log;
import io.perfagent.sink.IntervalProfile;
import io.perfagent.sink.IntervalSink;
import io.perfagent.sink.Metric;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A store as one of the places that intervals of a run without end are taken to. */
public final class PushSink implements IntervalSink {
    private final PushTarget target;
    private final Path directory;
    private final long mostBytes;
    private final Log log;
    private volatile @Nullable Pusher pusher;

    /** As {@link Pusher#start} has them. */
    public PushSink(PushTarget target, Path directory, long mostBytes, Log log) {
        this.target = target;
        this.directory = directory;
        this.mostBytes = mostBytes;
        this.log = log;
    }

    @Override
    public String name() {
        return target.name();
    }

    /** Opens the queue: what waits there from before is sent from now on. */
    @Override
    public void check() throws CannotStartException {
        pusher = Pusher.start(target, directory, mostBytes, Pauses.USUAL, log);
    }

    @Override
    public void take(IntervalProfile interval) throws IOException {
        Pusher open = pusher;
        if (open == null) {
            throw new IllegalStateException("not checked");
        }
        for (IntervalProfile.Labelled labelled : interval.profiles()) {
            open.take(labelled.profile());
        }
    }

    @Override
    public List<Metric> metrics() {
        Pusher open = pusher;
        if (open == null) {
            return List.of();
        }
        Map<String, String> store = Map.of("store", name());
        PushCounts counts = open.counts();
        Stream<Metric> figures = Stream.of(
                Metric.counter(
                        "push_sent_profiles_total", "Profiles that a store has taken.", store, (double) counts.sent()),
                Metric.gauge(
                        "push_waiting_profiles", "Profiles that wait for a store.", store, (double) open.waiting()),
                Metric.gauge("push_waiting_bytes", "Files that wait for a store.", store, (double) open.waitingBytes()),
                Metric.gauge(
                        "push_failing",
                        "Whether a store cannot be sent to.",
                        store,
                        open.trouble().isEmpty() ? 0 : 1));
        return Stream.concat(
                        figures, lost(counts).entrySet().stream().map(cause -> lost(cause.getKey(), cause.getValue())))
                .toList();
    }

    private Metric lost(String cause, long profiles) {
        return Metric.counter(
                "push_lost_profiles_total",
                "Profiles that a store does not have, or perhaps does not.",
                Map.of("store", name(), "cause", cause),
                (double) profiles);
    }

    private static Map<String, Long> lost(PushCounts counts) {
        Map<String, Long> lost = new LinkedHashMap<>();
        lost.put("refused", counts.refused());
        lost.put("unconfirmed", counts.unconfirmed());
        lost.put("dropped", counts.dropped());
        lost.put("corrupt", counts.corrupt());
        lost.put("unwritten", counts.unwritten());
        return lost;
    }

    @Override
    public void close() {
        Pusher open = pusher;
        if (open != null) {
            open.close();
            PushCounts counts = open.counts();
            log.line(
                    "push ended",
                    "to",
                    target.label(),
                    "sent",
                    counts.sent(),
                    "waiting",
                    open.waiting(),
                    "refused",
                    counts.refused(),
                    "unconfirmed",
                    counts.unconfirmed(),
                    "dropped",
                    counts.dropped(),
                    "corrupt",
                    counts.corrupt(),
                    "unwritten",
                    counts.unwritten());
        }
    }
}
