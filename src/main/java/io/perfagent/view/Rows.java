package io.perfagent.view;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.view.pprof.PprofFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows of a table, numbered; several profiles may share them. */
final class Rows {
    private final Grain grain;
    private final List<Row> rows = new ArrayList<>();
    private final Map<Row, Integer> numbers = new HashMap<>();

    Rows(Grain grain) {
        this.grain = grain;
    }

    int count() {
        return rows.size();
    }

    Row get(int number) {
        return rows.get(number);
    }

    private int number(Row row) {
        Integer known = numbers.putIfAbsent(row, rows.size());
        if (known == null) {
            rows.add(row);
            return rows.size() - 1;
        }
        return known;
    }

    /** Numbers of a location's rows, innermost first. */
    private int[] of(Location location) {
        List<Call> calls = location.calls();
        int[] of = new int[calls.size()];
        for (int at = 0; at < of.length; at++) {
            of[at] = number(Row.of(location, calls.get(at), grain));
        }
        return of;
    }

    /** Those of one profile's locations, by index; each is made when it is asked for. */
    final class OfFile {
        private final PprofFile file;
        private final int[] @Nullable [] known;

        OfFile(PprofFile file) {
            this.file = file;
            this.known = new int[file.locationCount()][];
        }

        int[] of(int location) {
            int[] of = known[location];
            if (of == null) {
                of = Rows.this.of(file.location(location));
                known[location] = of;
            }
            return of;
        }
    }
}
