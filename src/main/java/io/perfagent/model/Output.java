package io.perfagent.model;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a profile goes, and as what.
 *
 * @param path a file, or {@code -} for standard output; null for the default name in the working directory
 * @param foldPython without the interpreter's own frames between Python functions
 */
public record Output(@Nullable Path path, Format format, boolean foldPython) {
    /** With all frames. */
    public Output(@Nullable Path path, Format format) {
        this(path, format, false);
    }
}
