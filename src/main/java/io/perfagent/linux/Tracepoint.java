package io.perfagent.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Tracepoints as tracefs lists them: {@code events/<group>/<name>/id} has the number that perf_event_open(2) takes. */
public final class Tracepoint {
    private static final List<Path> PLACES =
            List.of(Path.of("/sys/kernel/tracing"), Path.of("/sys/kernel/debug/tracing"));

    private Tracepoint() {}

    /** Why a tracepoint has no number: a cause and a remedy. */
    public static final class MissingException extends IOException {
        private static final long serialVersionUID = 1;

        MissingException(String message) {
            super(message);
        }
    }

    /**
     * The number of one.
     *
     * @param name group and name, with a colon in between, of letters, digits, dashes and underscores
     */
    public static int number(String name) throws IOException {
        return number(name, PLACES);
    }

    static int number(String name, List<Path> places) throws IOException {
        for (Path place : places) {
            Path events = place.resolve("events");
            if (Files.isDirectory(events)) {
                return read(name, events.resolve(name.replace(':', '/')).resolve("id"), events);
            }
        }
        throw new MissingException(
                "tracepoints have their numbers in tracefs, which is not mounted here, or not to be read:"
                        + " mount -t tracefs tracefs /sys/kernel/tracing");
    }

    private static int read(String name, Path id, Path events) throws IOException {
        try {
            return Integer.parseInt(Files.readString(id).strip());
        } catch (NoSuchFileException | NumberFormatException _) {
            throw new MissingException(
                    "the kernel has no tracepoint " + name + ": " + events + " has those that there are");
        }
    }
}
