package io.perfagent.bpf;

import java.lang.foreign.MemorySegment;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the kernel's verifier says of a program that it has looked at (kernel/bpf/verifier.c, print_verification_stats). */
final class VerifierLog {
    static final long BYTES = 1 << 16;
    /** BPF_LOG_STATS: statistics, without the instructions. */
    static final int LEVEL_STATISTICS = 4;

    private static final Pattern PROCESSED = Pattern.compile("processed (\\d+) insns");
    private static final Pattern TIME = Pattern.compile("verification time (\\d+) usec");

    private final MemorySegment text;

    VerifierLog(MemorySegment text) {
        this.text = text;
    }

    String text() {
        return text.getString(0);
    }

    /** Instructions that it went through, each path counted. */
    int processedInstructions() {
        return number(PROCESSED);
    }

    int microseconds() {
        return number(TIME);
    }

    private int number(Pattern pattern) {
        Matcher matcher = pattern.matcher(text());
        if (!matcher.find()) {
            throw new IllegalStateException("no " + pattern + " in the verifier's log: " + text());
        }
        return Integer.parseInt(matcher.group(1));
    }
}
