package io.perfagent.top;

import java.util.Comparator;

/** What rows are sorted by; where that is equal the other figure and the name decide. */
enum Order {
    SELF,
    TOTAL,
    NAME;

    private static final Comparator<Row> BY_NAME =
            Comparator.comparing(Row::name).thenComparing(Row::place);
    private static final Comparator<Row> BY_SELF =
            Comparator.comparingLong(Row::self).reversed();
    private static final Comparator<Row> BY_TOTAL =
            Comparator.comparingLong(Row::total).reversed();
    private static final Comparator<ThreadRow> BY_ID =
            Comparator.comparingInt(ThreadRow::pid).thenComparingInt(ThreadRow::tid);
    private static final Comparator<ThreadRow> BY_CPU =
            Comparator.comparingLong((ThreadRow row) -> row.shares().samples()).reversed();

    Comparator<Row> rows() {
        return switch (this) {
            case SELF -> BY_SELF.thenComparing(BY_TOTAL).thenComparing(BY_NAME);
            case TOTAL -> BY_TOTAL.thenComparing(BY_SELF).thenComparing(BY_NAME);
            case NAME -> BY_NAME;
        };
    }

    Comparator<ThreadRow> threads() {
        return switch (this) {
            case SELF, TOTAL -> BY_CPU.thenComparing(BY_ID);
            case NAME -> Comparator.comparing(ThreadRow::name).thenComparing(BY_ID);
        };
    }

    Order next() {
        return values()[(ordinal() + 1) % values().length];
    }
}
