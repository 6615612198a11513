package io.perfagent.view;

/** What is one row of a table. */
enum Grain {
    /** A function of a file, where it begins. */
    FUNCTION,
    /** A line of one. */
    LINE,
    /** A function of a file, wherever in that it begins, and whichever directory its binary is in: so it is the same in the next build. */
    ACROSS_BUILDS
}
