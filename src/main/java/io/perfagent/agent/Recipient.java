package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.Written;
import java.time.Duration;
import java.util.List;

/** Who a run is for: is told how it goes, and gets its intervals. On the thread of the run. */
interface Recipient extends AutoCloseable {
    /** Finds out, before anything is begun, whether the run would be for nothing. */
    void check() throws CannotStartException;

    /** The targets are there. */
    void opened();

    /** Samples come in from now on. */
    void begin() throws CannotStartException;

    /**
     * Is told some times a second how far the run is. Throws where it has failed.
     *
     * @param elapsed since sampling began
     */
    void look(Duration elapsed, Recorder.Progress progress);

    /** Whether the interval is to end now, before its time. */
    default boolean wantsInterval() {
        return false;
    }

    /** Whether what the interval has so far is to be cut off now. */
    default boolean wantsPart() {
        return false;
    }

    /** Is shown what came since the last cut, before an interval that it is a part of is delivered. */
    default void part(List<Delivery> pieces) throws CannotStartException {}

    /** Whether the run may collect the heap, for nothing but the run is in it. */
    default boolean letsCollect() {
        return true;
    }

    /** Takes an interval, of each event one; the run goes on. */
    void next(List<Delivery> deliveries) throws CannotStartException;

    /** No more samples come in. */
    void end() throws CannotStartException;

    /** Takes the last interval; says where its profile is, if it is anywhere. */
    List<Written> last(List<Delivery> deliveries) throws CannotStartException;

    @Override
    void close();
}
