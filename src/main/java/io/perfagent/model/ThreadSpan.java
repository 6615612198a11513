package io.perfagent.model;

/**
 * A thread's part of an interval.
 *
 * @param pid process
 * @param tid thread
 * @param name its comm
 * @param times what it spent it with
 */
public record ThreadSpan(int pid, int tid, String name, ThreadTimes times) {}
