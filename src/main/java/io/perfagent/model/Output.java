package io.perfagent.model;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a profile goes, and as what.
 *
 * @param path a file, or {@code -} for standard output; null for the default name in the working directory
 */
public record Output(@Nullable Path path, Format format) {}
