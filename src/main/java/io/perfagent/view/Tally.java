package io.perfagent.view;

import io.perfagent.model.Measure;
import io.perfagent.model.Waker;
import io.perfagent.view.pprof.PprofFile;
import java.io.IOException;

/**
 * A profile added up by rows.
 *
 * @param rows which may be those of another profile, too
 * @param measure what is added up, and whether samples are known
 */
record Tally(Rows rows, Totals totals, Measure measure) {
    static Tally of(OpenedProfile profile, ViewRequest request, Rows rows) throws IOException {
        PprofFile file = profile.file();
        Totals totals = new Totals(rows.new OfFile(file));
        Counting counting = new Counting(file, profile.type());
        StackFilter filter = new StackFilter(file, request.focus(), request.ignore(), request.foldPython());
        boolean waits = profile.waits() != null;
        file.forEach((locations, depth, values) -> {
            counting.add(values);
            int kept = filter.apply(locations, depth);
            if (kept != StackFilter.LEFT_OUT) {
                int waiter = waits ? behindWaker(file, locations, kept) : 0;
                System.arraycopy(locations, waiter, locations, 0, kept - waiter);
                totals.add(locations, kept - waiter, values[profile.type()]);
            }
        });
        return new Tally(rows, totals, counting.measure());
    }

    /** A wait is its waiter's, whoever ended it. */
    private static int behindWaker(PprofFile file, int[] locations, int depth) {
        for (int at = 0; at < depth; at++) {
            if (Waker.isSeparator(file.location(locations[at]))) {
                return at + 1;
            }
        }
        return 0;
    }

    /** How its amounts are written. */
    Quantity quantity() {
        return Quantity.of(measure.unit(), totals.all());
    }
}
