package io.perfagent.agent;

import io.perfagent.model.Profile;
import io.perfagent.report.RunFacts;

/**
 * What an interval has of one event, as it is delivered.
 *
 * @param facts what is known of it
 * @param profile the same as a profile
 * @param missed of processes, whatever the event; nothing where the interval was put together of parts, each of which had its own
 */
record Delivery(RunFacts facts, Profile profile, Missed missed) {}
