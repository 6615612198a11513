package io.perfagent.top;

import java.util.List;

/**
 * What there is to show, at one moment.
 *
 * @param title the targets
 * @param rate samples a second and CPU
 * @param sums of the span that is looked at
 * @param losses of the last interval
 * @param lost the same, a sentence for each cause
 * @param message of what was done last; {@code ""} for none
 */
record Picture(String title, int rate, Sums sums, Losses losses, List<String> lost, String message) {}
