package io.perfagent.agent;

import io.perfagent.model.Profile;
import io.perfagent.report.RunFacts;

/**
 * What an interval has of one event, as it is delivered.
 *
 * @param facts what is known of it
 * @param profile the same as a profile
 */
record Delivery(RunFacts facts, Profile profile) {}
