package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.Written;
import java.time.Duration;
import java.util.List;

/** Has files written, and what the scheduler does counted over the time that they are of; the table comes last. */
final class CountedSeries implements Recipient {
    private final FileSeries files;
    private final Counting counting;

    CountedSeries(FileSeries files, Counting counting) {
        this.files = files;
        this.counting = counting;
    }

    @Override
    public void check() throws CannotStartException {
        files.check();
        counting.prepare();
    }

    @Override
    public void opened() {
        files.opened();
    }

    @Override
    public void begin() throws CannotStartException {
        files.begin();
        counting.begin();
    }

    @Override
    public void look(Duration elapsed, Recorder.Progress progress) {
        files.look(elapsed, progress);
    }

    @Override
    public void next(List<Delivery> deliveries) throws CannotStartException {
        files.next(deliveries);
    }

    @Override
    public void end() throws CannotStartException {
        counting.end();
        files.end();
    }

    @Override
    public List<Written> last(List<Delivery> deliveries) throws CannotStartException {
        List<Written> written = files.last(deliveries);
        counting.write();
        return written;
    }

    @Override
    public void close() {
        files.close();
        counting.close();
    }
}
