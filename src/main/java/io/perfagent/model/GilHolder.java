package io.perfagent.model;

import org.jspecify.annotations.Nullable;

/**
 * The thread that had CPython's global interpreter lock while another waited for it.
 *
 * @param known whether it is, or why not
 * @param tid thread; 0 where no sample has met it
 * @param frame the function and line that it ran; null where that is not known
 */
public record GilHolder(
        GilUse.Holder known, int tid, @Nullable Location frame) {}
