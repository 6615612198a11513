package io.perfagent.model;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the user wants to be counted.
 *
 * @param perProcess each process on its own as well
 * @param output where the table goes; null for standard output
 */
public record CountRequest(boolean perProcess, @Nullable Path output) {
    /** Asks for a file whose name is made up, as a profile's is. */
    public static final Path AUTOMATIC = Path.of("auto");
}
