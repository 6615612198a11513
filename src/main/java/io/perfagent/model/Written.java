package io.perfagent.model;

import java.nio.file.Path;

/**
 * A profile that has been written.
 *
 * @param file where it is to be found; {@code -} for standard output
 */
public record Written(Path file, Format format) {}
