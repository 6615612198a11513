package io.perfagent.model;

import java.util.List;
import java.util.Optional;

/** Which function of a stack is meant by what the thread does: not the one of a library by which it waits or wakes. */
public final class OwnFunction {
    private static final List<String> LIBRARIES = List.of("libc.so", "libc-", "libpthread", "ld-linux", "ld-musl");

    private OwnFunction() {}

    /**
     * The innermost one of Python's, or of the program's own; empty where there is none.
     *
     * @param locations leaf first
     */
    public static Optional<Location> of(List<Location> locations) {
        return locations.stream()
                .filter(location -> location.kind() == Location.Kind.PYTHON)
                .findFirst()
                .or(() -> locations.stream().filter(OwnFunction::isOwn).findFirst());
    }

    private static boolean isOwn(Location location) {
        if (location.kind() != Location.Kind.NATIVE || location.module() == null) {
            return false;
        }
        String path = location.module().path();
        String file = path.substring(path.lastIndexOf('/') + 1);
        return LIBRARIES.stream().noneMatch(file::startsWith);
    }
}
