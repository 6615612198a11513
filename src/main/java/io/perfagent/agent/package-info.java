/** The profiling session: the only place that wires the stages. */
package io.perfagent.agent;
