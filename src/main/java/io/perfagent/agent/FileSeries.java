package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.SamplerCounters;
import io.perfagent.model.Written;
import io.perfagent.output.Export;
import io.perfagent.report.Log;
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
    private List<Export> exports;
    private int delivered;
    private long samples;
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
        for (Export export : exports) {
            export.check();
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
    public void next(Delivery delivery) throws CannotStartException {
        List<Written> written = write(delivery);
        new RunReport(request, delivery.facts()).printWritten(log, written);
        exports = names.next();
    }

    @Override
    public void end() {
        status.close();
    }

    @Override
    public List<Written> last(Delivery delivery) throws CannotStartException {
        List<Written> written = write(delivery);
        new RunReport(request, delivery.facts()).print(log, written);
        if (request.every() != null) { // what was said before this is of the last interval
            log.line("series written", "profiles", delivered, "samples", samples, "dropped", dropped);
        }
        return written;
    }

    @Override
    public void close() {
        status.close();
    }

    /** What one of them fails of, the others have nevertheless. */
    private List<Written> write(Delivery delivery) throws CannotStartException {
        count(delivery.facts().counters());
        List<Written> written = new ArrayList<>();
        CannotStartException failure = null;
        for (Export export : exports) {
            try {
                written.add(export.write(delivery.profile()));
            } catch (CannotStartException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
        return written;
    }

    private void count(SamplerCounters counters) {
        delivered++;
        samples += counters.samples() - counters.dropped();
        dropped += counters.dropped();
    }
}
