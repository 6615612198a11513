package io.perfagent.view;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.output.FunctionName;
import io.perfagent.output.PythonFold;
import io.perfagent.view.pprof.PprofFile;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which stacks are looked at, and which of their frames. For one thread. */
final class StackFilter {
    static final int LEFT_OUT = -1;

    private final PprofFile file;
    private final Matches focus;
    private final Matches ignore;
    private final @Nullable PythonFold fold;
    private final List<Location> stack = new ArrayList<>();

    /** @param fold without the interpreter's own frames between Python functions */
    StackFilter(PprofFile file, @Nullable Pattern focus, @Nullable Pattern ignore, boolean fold) {
        this.file = file;
        this.focus = new Matches(focus);
        this.ignore = new Matches(ignore);
        this.fold = fold ? new PythonFold() : null;
    }

    /** Takes frames out of a stack; returns how many are left, or {@link #LEFT_OUT} where it is not looked at. */
    int apply(int[] locations, int depth) {
        if ((focus.wanted() && !focus.any(locations, depth)) || (ignore.wanted() && ignore.any(locations, depth))) {
            return LEFT_OUT;
        }
        return fold == null ? depth : folded(fold, locations, depth);
    }

    private int folded(PythonFold fold, int[] locations, int depth) {
        stack.clear();
        for (int at = 0; at < depth; at++) {
            stack.add(file.location(locations[at]));
        }
        BitSet out = fold.folded(stack);
        int kept = 0;
        for (int at = out.nextClearBit(0); at < depth; at = out.nextClearBit(at + 1)) {
            locations[kept++] = locations[at];
        }
        return kept;
    }

    /** Which locations a regular expression finds, each asked once. */
    private final class Matches {
        private final @Nullable Pattern pattern;
        private final BitSet asked = new BitSet();
        private final BitSet found = new BitSet();

        Matches(@Nullable Pattern pattern) {
            this.pattern = pattern;
        }

        boolean wanted() {
            return pattern != null;
        }

        boolean any(int[] locations, int depth) {
            for (int at = 0; at < depth; at++) {
                if (in(locations[at])) {
                    return true;
                }
            }
            return false;
        }

        private boolean in(int location) {
            if (!asked.get(location)) {
                asked.set(location);
                found.set(location, matches(file.location(location)));
            }
            return found.get(location);
        }

        private boolean matches(Location location) {
            for (Call call : location.calls()) {
                if (finds(FunctionName.of(location.kind(), call)) || finds(call.file())) {
                    return true;
                }
            }
            return location.module() != null && finds(location.module().path());
        }

        private boolean finds(String text) {
            return pattern != null && pattern.matcher(text).find();
        }
    }
}
