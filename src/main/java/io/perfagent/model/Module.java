package io.perfagent.model;

import org.jspecify.annotations.Nullable;

/**
 * A mapped binary as a profile shows it.
 *
 * @param start first runtime address
 * @param end address after the last
 * @param fileOffset of {@code start}, bytes
 * @param path as the target sees it, or {@code [kernel.kallsyms]}, {@code [vdso]}
 * @param buildId null where the file has none
 */
public record Module(
        long start,
        long end,
        long fileOffset,
        String path,
        @Nullable BuildId buildId) {
    /** By hand: the one that records get goes through method handles, and there is one for each frame that is written. */
    @Override
    public int hashCode() {
        return 31 * Long.hashCode(start) + path.hashCode();
    }
}
