package io.perfagent.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who ended a wait.
 *
 * @param pid process; 0 unless it was a thread
 * @param tid thread, likewise
 * @param threadName its comm, likewise
 * @param locations where it did, leaf first; of a process that is no target those of the kernel only
 */
public record Waker(Kind kind, int pid, int tid, String threadName, List<Location> locations) {
    private static final String WOKEN_BY = "[woken by ";

    /** What it was. */
    public enum Kind {
        THREAD,
        /** Of a device or a timer, whatever thread that hit. */
        INTERRUPT,
        /** Too many at once, or the thread went on before its stack was taken. */
        UNKNOWN,
        /** None yet: the wait goes on. */
        NOBODY;

        private static final Kind[] ALL = values();

        public static Kind of(int number) {
            return ALL[number];
        }
    }

    public Waker {
        locations = List.copyOf(locations);
    }

    /** What stands between its frames and those of the thread that it woke. */
    public String separator() {
        return switch (kind) {
            case THREAD -> WOKEN_BY + threadName + "]";
            case INTERRUPT -> WOKEN_BY + "interrupt]";
            case UNKNOWN -> WOKEN_BY + "unknown]";
            case NOBODY -> "[still waiting]";
        };
    }

    /** What a separator says of; null where a text is none. A thread may be called as the others are: then it has a number. */
    public static @Nullable Kind separating(String text, int tid) {
        for (Kind kind : List.of(Kind.INTERRUPT, Kind.UNKNOWN, Kind.NOBODY)) {
            if (tid == 0 && text.equals(of(kind).separator())) {
                return kind;
            }
        }
        return tid != 0 && text.startsWith(WOKEN_BY) ? Kind.THREAD : null;
    }

    /** One that was no thread. */
    public static Waker of(Kind kind) {
        return new Waker(kind, 0, 0, "", List.of());
    }
}
