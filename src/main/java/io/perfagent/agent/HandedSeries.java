package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.Written;
import io.perfagent.report.Losses;
import java.time.Duration;
import java.util.List;

/** Hands intervals over, once who else is there has them; ends them when somebody asks for one. */
final class HandedSeries implements Recipient {
    private final ProfileRequest request;
    private final Recipient other;
    private final IntervalTaker taker;

    HandedSeries(ProfileRequest request, Recipient other, IntervalTaker taker) {
        this.request = request;
        this.other = other;
        this.taker = taker;
    }

    @Override
    public void check() throws CannotStartException {
        other.check();
    }

    @Override
    public void opened() {
        other.opened();
    }

    @Override
    public void begin() throws CannotStartException {
        other.begin();
        taker.began();
    }

    @Override
    public void look(Duration elapsed, Recorder.Progress progress) {
        other.look(elapsed, progress);
    }

    @Override
    public boolean wantsInterval() {
        return taker.wantsInterval();
    }

    @Override
    public boolean letsCollect() {
        return other.letsCollect();
    }

    @Override
    public void next(List<Delivery> deliveries) throws CannotStartException {
        other.next(deliveries);
        hand(deliveries, false);
    }

    @Override
    public void end() throws CannotStartException {
        other.end();
    }

    @Override
    public List<Written> last(List<Delivery> deliveries) throws CannotStartException {
        List<Written> written = other.last(deliveries);
        hand(deliveries, true);
        return written;
    }

    @Override
    public void close() {
        other.close();
    }

    private void hand(List<Delivery> deliveries, boolean last) {
        taker.finished(
                deliveries.stream().map(this::finished).toList(),
                deliveries.getFirst().missed().counts(),
                last);
    }

    private FinishedProfile finished(Delivery delivery) {
        return new FinishedProfile(
                request.label(delivery.facts().event()),
                delivery.profile(),
                delivery.facts().completeness().samples(),
                delivery.facts().completeness().complete(),
                delivery.facts().own(),
                delivery.facts().counters().outside(),
                Losses.of(delivery.facts()));
    }
}
