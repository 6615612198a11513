package io.perfagent.top;

/**
 * A row of the table of threads.
 *
 * @param hottest function that most of its samples are in, a Python function where one runs
 */
record ThreadRow(int pid, int tid, String name, Shares shares, String hottest) {}
