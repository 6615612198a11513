/** What the scheduler does with threads of targets, counted by the kernel side: slices, waits, switches, and what counters count meanwhile. */
package io.perfagent.scheduler;
