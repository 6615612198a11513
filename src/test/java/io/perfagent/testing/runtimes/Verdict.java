package io.perfagent.testing.runtimes;

import io.perfagent.model.Location;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import io.perfagent.testing.Names;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongPredicate;

/** What came of the samples of a program's first thread, in samples. */
public final class Verdict {
    public static final String HEAD = """
            | | samples | with the leaf | complete % | true % | complete, not true | guessed | cut |
            |---|---|---|---|---|---|---|---|""";

    private final Row row;
    private final LongPredicate entry;
    private final Map<WalkEnd, Long> cuts = new EnumMap<>(WalkEnd.class);
    private final List<String> wrong = new ArrayList<>();
    private long all;
    private long withLeaf;
    private long complete;
    private long whole;
    private long lies;
    private long guessed;

    private Verdict(Row row, LongPredicate entry) {
        this.row = row;
        this.entry = entry;
    }

    /** @param entry whether an address lies in the function that the kernel starts the program in */
    public static Verdict of(Row row, Profile profile, int pid, LongPredicate entry) {
        Verdict verdict = new Verdict(row, entry);
        profile.stacks().stream()
                .filter(stack -> stack.tid() == pid && stack.end() != WalkEnd.NO_USER_STACK)
                .forEach(verdict::add);
        return verdict;
    }

    private void add(StackCount stack) {
        List<Location> user = stack.locations().stream()
                .filter(location -> !location.isInKernel())
                .toList();
        boolean claimed = stack.end().complete() && !stack.guessed();
        boolean isTrue = row.chain().isTrue(user, entry);
        all += stack.count();
        withLeaf += row.chain().hasLeaf(user) ? stack.count() : 0;
        complete += claimed ? stack.count() : 0;
        whole += isTrue ? stack.count() : 0;
        guessed += stack.guessed() ? stack.count() : 0;
        if (!stack.end().complete()) {
            cuts.merge(stack.end(), stack.count(), Long::sum);
        }
        if (claimed && !isTrue) {
            lies += stack.count();
            wrong.add(stack.count() + " "
                    + String.join(" < ", user.stream().map(Names::of).toList()));
        }
    }

    public long samples() {
        return all;
    }

    public double completePerCent() {
        return perCent(complete);
    }

    /** Stacks that are said to be complete, and lack what must be there: a line each. */
    public List<String> wrong() {
        return List.copyOf(wrong);
    }

    private double perCent(long samples) {
        return all == 0 ? 0 : 100.0 * samples / all;
    }

    /** A line of the table that {@link #HEAD} begins. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "| %s | %d | %d | %.1f | %.1f | %d | %d | %s |",
                row,
                all,
                withLeaf,
                completePerCent(),
                perCent(whole),
                lies,
                guessed,
                cuts.isEmpty() ? "" : cuts);
    }
}
