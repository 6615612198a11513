package io.perfagent.agent;

import io.perfagent.model.RewalkCounters;
import io.perfagent.model.SamplerCounters;
import io.perfagent.profile.Interval;

/**
 * An interval that has been cut off, and how far the run's counters were then.
 *
 * @param interval its samples
 * @param counters of the kernel side
 * @param rewalked of walks in user space
 * @param missed of processes
 * @param nanos CLOCK_MONOTONIC
 */
record Cut(Interval interval, SamplerCounters counters, RewalkCounters rewalked, Missed missed, long nanos) {}
