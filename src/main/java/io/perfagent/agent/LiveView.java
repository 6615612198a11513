package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.Event;
import io.perfagent.model.Profile;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.Written;
import io.perfagent.output.Export;
import io.perfagent.report.Log;
import io.perfagent.report.RunFacts;
import io.perfagent.report.RunReport;
import io.perfagent.top.Slice;
import io.perfagent.top.TopView;
import java.time.Duration;
import java.util.List;

/** Has intervals shown in a terminal. Lines of the run wait until that is as it was. For the thread of the run, but for pages. */
final class LiveView implements Recipient {
    private final ProfileRequest request;
    private final Log log;
    private final HeldLines lines;
    private final StopSignal stop;
    private final OutputNames names;
    private final TopView view;
    private boolean askedToEnd;
    private long samples;
    private long dropped;
    private Duration elapsed = Duration.ZERO;

    /**
     * A view that is not there yet.
     *
     * @param lines what the log writes to
     * @param stop is told when the user has seen enough
     */
    LiveView(ProfileRequest request, Targets targets, Log log, HeldLines lines, StopSignal stop) {
        this.request = request;
        this.log = log;
        this.lines = lines;
        this.stop = stop;
        this.names = new OutputNames(request, targets.given());
        this.view = new TopView(targets.described(request), request.sampleRate(), this::page, stop::request);
    }

    @Override
    public void check() {}

    @Override
    public void opened() {
        Rights.tell(request, log);
    }

    @Override
    public void begin() throws CannotStartException {
        lines.hold();
        view.start();
    }

    @Override
    public void look(Duration since, Recorder.Progress progress) {
        view.check();
        elapsed = since;
    }

    @Override
    public void next(List<Delivery> deliveries) {
        Delivery delivery = deliveries.getFirst();
        samples += delivery.facts().completeness().samples();
        dropped += delivery.facts().dropped();
        view.take(new Slice(delivery.profile(), delivery.facts()));
    }

    @Override
    public void end() {
        askedToEnd = stop.await(0); // the view asks it at its own end
        close();
    }

    @Override
    public List<Written> last(List<Delivery> deliveries) {
        view.check();
        next(deliveries);
        String why = askedToEnd ? "top ended" : "the targets have ended";
        log.line(why, "seconds", elapsed.toSeconds(), "samples", samples, "dropped", dropped);
        return List.of();
    }

    @Override
    public void close() {
        view.close();
        lines.release();
    }

    /** Writes what is shown as a page; on the thread of the view. */
    private String page(List<Slice> slices) throws CannotStartException {
        RunFacts facts =
                slices.stream().map(Slice::facts).reduce(RunFacts::plus).orElseThrow();
        Profile first = slices.getFirst().profile();
        RunReport report = new RunReport(request, facts);
        Duration duration =
                slices.stream().map(slice -> slice.profile().duration()).reduce(Duration.ZERO, Duration::plus);
        Profile profile = new Profile(
                first.start(),
                first.startNanos(),
                duration,
                request.sampleRate(),
                facts.stacks(),
                report.comments(),
                report.account());
        Export export = names.next().of(Event.CPU_CLOCK).getFirst();
        return export.write(profile).file().toString();
    }
}
