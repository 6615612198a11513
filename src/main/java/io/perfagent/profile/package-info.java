/** Aggregation of samples into a profile. */
package io.perfagent.profile;
