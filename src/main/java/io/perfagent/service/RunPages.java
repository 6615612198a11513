package io.perfagent.service;

import io.perfagent.service.HttpService.Answer;
import io.perfagent.service.HttpService.Page;
import io.perfagent.sink.Metric;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What a run has to say over HTTP. */
public final class RunPages {
    /** So long it may do something else than to look at itself: name an interval of a busy machine. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(2);

    private final Supplier<List<Metric>> metrics;
    private final ProcessProfiles profiles;
    private volatile long looked = System.nanoTime();

    /** @param metrics from any thread */
    public RunPages(Supplier<List<Metric>> metrics, ProcessProfiles profiles) {
        this.metrics = metrics;
        this.profiles = profiles;
    }

    /** The run has looked at itself, and is well. */
    public void looked() {
        looked = System.nanoTime();
    }

    Map<String, Page> all() {
        Map<String, Page> pages = new LinkedHashMap<>();
        pages.put("/metrics", _ -> metricsPage());
        pages.put("/healthz", _ -> health());
        pages.put("/profile", new ProfilePage(profiles));
        return pages;
    }

    String listed() {
        return "perf-agent: there are " + String.join(", ", all().keySet()) + "\n";
    }

    private Answer metricsPage() {
        List<Metric> all = new ArrayList<>(metrics.get());
        all.addAll(ProcessFigures.now());
        byte[] text = MetricsText.of(all).getBytes(StandardCharsets.UTF_8);
        return new Answer(200, MetricsText.TYPE, text, Map.of());
    }

    private Answer health() {
        Duration silence = Duration.ofNanos(System.nanoTime() - looked);
        return silence.compareTo(LONGEST_SILENCE) > 0
                ? Answer.text(503, "the run has not looked at itself for " + silence.toSeconds() + " s\n")
                : Answer.text(200, "ok\n");
    }
}
