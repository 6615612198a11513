package io.perfagent.api;

/**
 * Is told how a run goes. Methods are called on the run's thread, one after the other: while one of them runs the interval grows, and no
 * sample is lost. What one of them throws ends the run, and comes out of {@link PerfAgent#stop}.
 */
public interface PerfAgentListener {
    /** An interval has ended, because it was its time, somebody asked for it, or the run has ended. */
    default void intervalFinished(FinishedInterval interval) {}

    /**
     * The run goes on without something.
     *
     * @param line cause and remedy; names of others in it are quoted
     */
    default void warning(String line) {}
}
