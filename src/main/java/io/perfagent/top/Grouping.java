package io.perfagent.top;

/** What a row stands for. */
enum Grouping {
    FUNCTIONS,
    LINES,
    THREADS
}
