package io.perfagent.python;

/**
 * How long threads of targets were stopped: from the stop until they could run their own code again.
 *
 * @param count of stops
 * @param medianNanos 0 where there was none
 * @param maxNanos 0 where there was none
 */
public record StopTimes(int count, long medianNanos, long maxNanos) {}
