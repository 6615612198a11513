package io.perfagent.agent;

import io.perfagent.model.ProfileRequest;
import io.perfagent.model.Written;
import io.perfagent.report.Log;
import java.time.Duration;
import java.util.List;

/** Intervals that nobody but who asked for them is to see: neither files nor a status line. */
final class UnseenSeries implements Recipient {
    private final ProfileRequest request;
    private final Log log;

    UnseenSeries(ProfileRequest request, Log log) {
        this.request = request;
        this.log = log;
    }

    @Override
    public void check() {}

    @Override
    public void opened() {
        Rights.tell(request, log);
    }

    @Override
    public void begin() {}

    @Override
    public void look(Duration elapsed, Recorder.Progress progress) {}

    /** It is that of a program which has other things to do. */
    @Override
    public boolean letsCollect() {
        return false;
    }

    @Override
    public void next(List<Delivery> deliveries) {}

    @Override
    public void end() {}

    @Override
    public List<Written> last(List<Delivery> deliveries) {
        return List.of();
    }

    @Override
    public void close() {}
}
