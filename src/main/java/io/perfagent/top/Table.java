package io.perfagent.top;

/** Rows with a heading, drawn when they are asked for. */
interface Table {
    int size();

    Line heading();

    Line row(int number);
}
