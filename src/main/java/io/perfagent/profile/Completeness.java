package io.perfagent.profile;

import io.perfagent.model.WalkEnd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How many samples have their whole user stack, and why the others do not. One thread at a time. */
@SuppressWarnings("EnumOrdinal") // reasons index their counters
public final class Completeness {
    private final long[] byEnd = new long[WalkEnd.values().length];

    private long guessed;

    /** @param unsure whether frames may be missing in between */
    public void add(WalkEnd end, boolean unsure) {
        add(end, unsure, 1);
    }

    public void add(WalkEnd end, boolean unsure, long samples) {
        byEnd[end.ordinal()] += samples;
        guessed += unsure && end == WalkEnd.END_OF_STACK ? samples : 0;
    }

    /** With the samples of another stretch. */
    public Completeness plus(Completeness other) {
        Completeness sum = new Completeness();
        sum.guessed = guessed + other.guessed;
        Arrays.setAll(sum.byEnd, end -> byEnd[end] + other.byEnd[end]);
        return sum;
    }

    /** Samples with every frame up to the thread's first. */
    public long complete() {
        return samples(WalkEnd.END_OF_STACK) - guessed;
    }

    /** Samples that reach the thread's first frame, but may lack some in between. */
    public long guessed() {
        return guessed;
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

    /** The share of user samples that are complete, 0 to 1; 1 where there are none. */
    public double share() {
        long user = userSamples();
        return user == 0 ? 1 : (double) complete() / user;
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
                complete(),
                userSamples());
    }

    /** One line for each reason why a stack is not complete. */
    public List<String> cuts() {
        List<String> lines = new ArrayList<>();
        if (guessed > 0) {
            lines.add("guessed stacks: " + guessed + " reach the thread's first frame, but may lack others");
        }
        for (WalkEnd end : WalkEnd.values()) {
            if (!end.complete() && samples(end) > 0) {
                lines.add("cut stacks: " + samples(end) + " " + end.description());
            }
        }
        return lines;
    }
}
