/**
 * perf-agent as a library: {@link io.perfagent.api.PerfAgent} profiles processes of this machine and hands over what it has found, an
 * {@linkplain io.perfagent.api.FinishedInterval interval} at a time. All else of the module may change from one version to the next.
 */
package io.perfagent.api;
