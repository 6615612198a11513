package io.perfagent.model;

import java.util.List;

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

    /** Whether a frame stands between those of a waker and those of the thread that it woke: it is nowhere, as no function is. */
    public static boolean isSeparator(Location frame) {
        String text = frame.innermost().function();
        return frame.address() == 0
                && frame.module() == null
                && frame.kind() != Location.Kind.PYTHON
                && (text.startsWith(WOKEN_BY) || text.equals(of(Kind.NOBODY).separator()));
    }

    /** What a separator says that was no thread; of a thread that is called like one of these, too. */
    public static Kind separating(Location frame) {
        String text = frame.innermost().function();
        return List.of(Kind.INTERRUPT, Kind.UNKNOWN, Kind.NOBODY).stream()
                .filter(kind -> text.equals(of(kind).separator()))
                .findFirst()
                .orElse(Kind.THREAD);
    }

    /** One that was no thread. */
    public static Waker of(Kind kind) {
        return new Waker(kind, 0, 0, "", List.of());
    }
}
