package io.perfagent.profile;

import io.perfagent.model.WalkEnd;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How many samples have their whole user stack, and why the others do not. One thread at a time. */
@SuppressWarnings("EnumOrdinal") // reasons index their counters
public final class Completeness {
    private final long[] byEnd = new long[WalkEnd.values().length];

    public void add(WalkEnd end) {
        add(end, 1);
    }

    public void add(WalkEnd end, long samples) {
        byEnd[end.ordinal()] += samples;
    }

    public long samples(WalkEnd end) {
        return byEnd[end.ordinal()];
    }

    public long samples() {
        long sum = 0;
        for (long samples : byEnd) {
            sum += samples;
        }
        return sum;
    }

    /** Samples that have a user stack. */
    public long userSamples() {
        return samples() - samples(WalkEnd.NO_USER_STACK);
    }

    /** The share of user samples that reach the thread's first frame, 0 to 1; 1 where there are none. */
    public double share() {
        long user = userSamples();
        return user == 0 ? 1 : (double) samples(WalkEnd.END_OF_STACK) / user;
    }

    /** The share as text, rounded down: 100.00% means all of them. Of nothing there is none. */
    public String percent() {
        return userSamples() == 0 ? "none" : String.format(Locale.ROOT, "%.2f%%", Math.floor(share() * 10_000) / 100);
    }

    /** The share, beside what it is of. */
    public String line() {
        return String.format(
                Locale.ROOT,
                "complete user stacks: %s (%d of %d)",
                percent().replace("%", " %"),
                samples(WalkEnd.END_OF_STACK),
                userSamples());
    }

    /** One line for each reason why a stack is not complete. */
    public List<String> cuts() {
        List<String> lines = new ArrayList<>();
        for (WalkEnd end : WalkEnd.values()) {
            if (!end.complete() && samples(end) > 0) {
                lines.add("cut stacks: " + samples(end) + " " + end.description());
            }
        }
        return lines;
    }
}
