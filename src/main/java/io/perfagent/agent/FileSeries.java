package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.Event;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.Written;
import io.perfagent.output.Export;
import io.perfagent.report.Log;
import io.perfagent.report.RunFacts;
import io.perfagent.report.RunReport;
import io.perfagent.report.StatusLine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Has intervals written to files, and tells of them. For one thread. */
final class FileSeries implements Recipient {
    private final ProfileRequest request;
    private final Targets targets;
    private final Log log;
    private final OutputNames names;
    private final StatusLine status;
    private OutputNames.Exports exports;
    private int delivered;
    private long samples;
    private long own;
    private long dropped;

    FileSeries(ProfileRequest request, Targets targets, Log log) {
        this.request = request;
        this.targets = targets;
        this.log = log;
        this.names = new OutputNames(request, targets.given());
        this.status = new StatusLine(log);
        this.exports = names.next();
    }

    /** Finds out whether the first files could be written. */
    @Override
    public void check() throws CannotStartException {
        names.check();
        for (Event event : request.events()) {
            for (Export export : exports.of(event)) {
                export.check();
            }
        }
    }

    @Override
    public void opened() {
        log.line(targets.opening(request));
        Rights.tell(request, log);
    }

    @Override
    public void begin() {}

    @Override
    public void look(Duration elapsed, Recorder.Progress progress) {
        status.update(elapsed, request.duration(), progress.samples(), progress.completeOfAll());
    }

    @Override
    public void next(List<Delivery> deliveries) throws CannotStartException {
        List<List<Written>> written = writeAll(deliveries);
        for (int at = 0; at < deliveries.size(); at++) {
            new RunReport(request, deliveries.get(at).facts()).printWritten(log, written.get(at));
        }
        exports = names.next();
    }

    @Override
    public void end() {
        status.close();
    }

    @Override
    public List<Written> last(List<Delivery> deliveries) throws CannotStartException {
        List<List<Written>> written = writeAll(deliveries);
        for (int at = 0; at < deliveries.size(); at++) {
            new RunReport(request, deliveries.get(at).facts()).print(log, written.get(at));
        }
        if (request.every() != null) { // what was said before this is of the last interval
            log.line("series written", "profiles", delivered, "samples", samples, "own", own, "dropped", dropped);
        }
        return written.stream().flatMap(List::stream).toList();
    }

    @Override
    public void close() {
        status.close();
    }

    /** What one of them fails of, the others have nevertheless. */
    private List<List<Written>> writeAll(List<Delivery> deliveries) throws CannotStartException {
        List<List<Written>> all = new ArrayList<>();
        CannotStartException failure = null;
        for (Delivery delivery : deliveries) {
            count(delivery.facts());
            List<Written> written = new ArrayList<>();
            for (Export export : exports.of(delivery.facts().event())) {
                try {
                    written.add(export.write(delivery.profile()));
                } catch (CannotStartException e) {
                    failure = failure == null ? e : failure;
                }
            }
            all.add(written);
        }
        if (failure != null) {
            throw failure;
        }
        return all;
    }

    private void count(RunFacts facts) {
        delivered++;
        samples += facts.completeness().samples();
        own += facts.own();
        dropped += facts.counters().dropped();
    }
}
