package io.perfagent.top;

import java.util.ArrayList;
import java.util.List;

/** What is shown in place of the table. */
final class Sheets {
    private static final String HELP = """
            q, Ctrl-C      quit
            f, l, t, Tab   functions, lines, threads, the next of these
            c              every function by itself, or Python's with the C that they call
            s              sort by SELF, TOTAL, name
            w              look back 10 s, a minute, to the start, at the last interval
            /              filter by a part of a name, file or thread; Esc ends it
            p, blank       pause: the screen stays, samples go on
            d              write what is shown as a page with a flame graph
            i              what was lost, by cause
            r              begin anew
            Ctrl-L         draw again
            arrows, PgUp, PgDn, Home, End   scroll

            SELF is the share of samples in a function, TOTAL that with what it calls.
            GC is the share with a function of CPython's garbage collector on the stack.
            """;

    private Sheets() {}

    static List<Line> help(int width) {
        return of(HELP.lines().toList(), width);
    }

    /** @param lost a sentence for each cause */
    static List<Line> losses(List<String> lost, int width) {
        List<String> texts = new ArrayList<>(List.of("Lost, cut or without a name in the last interval:"));
        texts.addAll(lost.isEmpty() ? List.of("nothing") : lost);
        return of(texts, width);
    }

    private static List<Line> of(List<String> texts, int width) {
        return texts.stream().map(text -> new Line(width).add(text)).toList();
    }
}
