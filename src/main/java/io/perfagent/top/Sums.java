package io.perfagent.top;

import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import java.time.Duration;

/** What is shown of a stretch of time: one interval or several. For one thread. */
final class Sums {
    private final Tally python = new Tally(location -> location.kind() == Location.Kind.PYTHON);
    private final Tally all = new Tally(_ -> true);
    private final ThreadSums threads = new ThreadSums();
    private final Shares shares = new Shares();
    private Duration covered = Duration.ZERO;

    static Sums of(Slice slice) {
        Sums sums = new Sums();
        for (StackCount stack : slice.profile().stacks()) {
            sums.python.add(stack);
            sums.all.add(stack);
            sums.threads.add(stack);
            sums.shares.add(stack);
        }
        sums.python.finish();
        sums.all.finish();
        sums.covered = slice.profile().duration();
        return sums;
    }

    void add(Sums other) {
        python.add(other.python);
        all.add(other.all);
        threads.add(other.threads);
        shares.add(other.shares);
        covered = covered.plus(other.covered);
    }

    /** Python functions, each with the C that it calls. */
    Tally python() {
        return python;
    }

    /** All functions, each by itself. */
    Tally all() {
        return all;
    }

    ThreadSums threads() {
        return threads;
    }

    Shares shares() {
        return shares;
    }

    Duration covered() {
        return covered;
    }
}
