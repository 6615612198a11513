package io.perfagent.top;

import io.perfagent.output.CodeKind;

/**
 * A row of the table of functions or lines.
 *
 * @param name of the function
 * @param place line of the source, or the binary
 * @param self samples in which it was innermost
 * @param total samples in which it was
 */
record Row(CodeKind kind, String name, String place, long self, long total) {
    static Row of(Function function, int line, Count count) {
        return new Row(function.kind(), function.name(), function.place(line), count.self(), count.total());
    }
}
