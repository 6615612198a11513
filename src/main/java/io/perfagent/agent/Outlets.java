package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.ContinuousRequest;
import io.perfagent.model.ProfileRequest;
import io.perfagent.push.PushSink;
import io.perfagent.push.PushTarget;
import io.perfagent.report.Log;
import io.perfagent.report.Release;
import io.perfagent.service.DirectorySink;
import io.perfagent.service.HttpService;
import io.perfagent.service.ProcessProfiles;
import io.perfagent.service.RunPages;
import io.perfagent.service.RunTotals;
import io.perfagent.sink.IntervalProfile;
import io.perfagent.sink.IntervalSink;
import io.perfagent.sink.Metric;
import io.perfagent.sink.SinkQueue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All that takes something of a run that goes on: sinks, figures, who asks over HTTP. For the thread of the run. */
final class Outlets implements AutoCloseable {
    /** A service manager kills what has not ended within a minute and a half. */
    private static final Duration LONGEST_END = Duration.ofSeconds(30);

    private final Log log;
    private final RunTotals totals;
    private final List<SinkQueue> sinks = new ArrayList<>();
    private final ProcessProfiles profiles = new ProcessProfiles();
    private final RunPages pages = new RunPages(this::metrics, profiles);
    private @Nullable HttpService http;

    private Outlets(RunTotals totals, Log log) {
        this.totals = totals;
        this.log = log;
    }

    /** Finds out whether all of them can work, and has them begin. */
    static Outlets open(ContinuousRequest request, RunTotals totals, Log log) throws CannotStartException {
        Outlets outlets = new Outlets(totals, log);
        try {
            for (IntervalSink sink : sinks(request, log)) {
                outlets.add(sink);
            }
            outlets.listen(request);
            return outlets;
        } catch (CannotStartException | RuntimeException | Error e) {
            outlets.close();
            throw e;
        }
    }

    private static List<IntervalSink> sinks(ContinuousRequest request, Log log) throws CannotStartException {
        List<IntervalSink> sinks = new ArrayList<>();
        sinks.add(new DirectorySink(request, log)); // first: it makes the directory, and has it for this run alone
        for (String store : request.stores()) {
            Path queue = request.directory().resolve("push");
            sinks.add(new PushSink(PushTarget.parse(store), queue, request.queueBytes(), log));
        }
        return sinks;
    }

    private void add(IntervalSink sink) throws CannotStartException {
        sink.check();
        SinkQueue queue = new SinkQueue(sink, line -> log.line(Log.oneLine(line)));
        queue.start();
        sinks.add(queue);
    }

    private void listen(ContinuousRequest request) throws CannotStartException {
        if (request.listen() != null) {
            http = HttpService.start(request.listen(), pages);
            log.line("answering on http://" + http.address().getHostString() + ":"
                    + http.address().getPort() + "/");
        }
    }

    /** Throws where one of them has failed; some times a second. */
    void look() {
        sinks.forEach(SinkQueue::check);
        pages.looked();
    }

    boolean wantPart() {
        return profiles.wantCut(System.nanoTime());
    }

    /** Counts what came since the last cut. */
    void count(List<Delivery> pieces) {
        pieces.forEach(piece -> totals.add(piece.facts()));
        totals.add(pieces.getFirst().missed().counts());
        profiles.cut(pieces.getFirst().profile(), System.nanoTime());
    }

    /** Hands an interval to the sinks; never waits. */
    void put(List<Delivery> deliveries, ProfileRequest request) {
        IntervalProfile interval = new IntervalProfile(deliveries.stream()
                .map(delivery -> new IntervalProfile.Labelled(
                        request.label(delivery.facts().event()), delivery.profile()))
                .toList());
        totals.addInterval();
        sinks.forEach(sink -> sink.put(interval));
    }

    /** No samples are taken, for now. */
    void interrupt() {
        profiles.interrupt();
    }

    /** What has come is delivered, within a time. Throws where one of them has failed. */
    @Override
    public void close() {
        profiles.end();
        sinks.forEach(SinkQueue::end);
        long until = System.nanoTime() + LONGEST_END.toNanos();
        for (SinkQueue sink : sinks) {
            if (!sink.await(Duration.ofNanos(Math.max(0, until - System.nanoTime())))) {
                log.line("not all was delivered within " + LONGEST_END.toSeconds() + " s");
            }
        }
        if (http != null) {
            http.close();
        }
        sinks.forEach(SinkQueue::check);
    }

    private List<Metric> metrics() {
        List<Metric> all = new ArrayList<>();
        String help = "Which perf-agent this is.";
        all.add(Metric.gauge("build_info", help, Map.of("version", Release.version()), 1));
        all.addAll(totals.metrics());
        List.copyOf(sinks).forEach(sink -> all.addAll(sink.metrics()));
        return all;
    }
}
