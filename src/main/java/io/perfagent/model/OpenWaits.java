package io.perfagent.model;

/**
 * Waits that had not ended when a run did.
 *
 * @param waits how many
 * @param nanos of them, up to then
 * @param unread of them, those whose stack could not be read, for their threads went on meanwhile, or there were too many
 * @param unreadNanos of these
 */
public record OpenWaits(long waits, long nanos, long unread, long unreadNanos) {
    public static final OpenWaits NONE = new OpenWaits(0, 0, 0, 0);

    /** With those of another stretch. */
    public OpenWaits plus(OpenWaits other) {
        return new OpenWaits(
                waits + other.waits, nanos + other.nanos, unread + other.unread, unreadNanos + other.unreadNanos);
    }
}
