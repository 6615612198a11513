package io.perfagent.cli;

import io.perfagent.model.SampledEvent;
import io.perfagent.model.SampledEvent.Kind;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What samples are taken at: {@code --event} and {@code --period}. Names and numbers are perf's. */
final class EventRules {
    /** A tenth of a second of a processor of 3 GHz, some hundred samples a second. */
    private static final int CYCLES = 30_000_000;

    private static final int MISSES = 10_000;
    private static final Pattern TRACEPOINT = Pattern.compile("[A-Za-z0-9_-]{1,100}:[A-Za-z0-9_-]{1,100}");
    private static final List<SampledEvent> EVENTS = List.of(
            SampledEvent.CPU_CLOCK,
            new SampledEvent(Kind.CLOCK, "task-clock", 1, 0),
            new SampledEvent(Kind.SOFTWARE, "page-faults", 2, 1),
            new SampledEvent(Kind.SOFTWARE, "minor-faults", 5, 1),
            new SampledEvent(Kind.SOFTWARE, "major-faults", 6, 1),
            new SampledEvent(Kind.SOFTWARE, "context-switches", 3, 1),
            new SampledEvent(Kind.SOFTWARE, "cpu-migrations", 4, 1),
            new SampledEvent(Kind.HARDWARE, "cycles", 0, CYCLES),
            new SampledEvent(Kind.HARDWARE, "instructions", 1, CYCLES),
            new SampledEvent(Kind.HARDWARE, "cache-misses", 3, MISSES),
            new SampledEvent(Kind.HARDWARE, "branch-misses", 5, MISSES));

    private EventRules() {}

    static SampledEvent event(ProfileOptions options) throws WrongUsageException {
        SampledEvent event = event(options.event);
        if (!WaitRules.samplesRunning(options) && (options.event != null || options.period != null)) {
            throw new WrongUsageException((options.event == null ? "--period" : "--event")
                    + " is for samples of what runs, and "
                    + (options.wall
                            ? "--wall takes those of the clock: leave out one of them"
                            : "--off-cpu alone takes none: add --profile"));
        }
        if (options.period == null) {
            return event;
        }
        if (event.kind() == Kind.CLOCK) {
            throw new WrongUsageException(
                    "--period is for events that are counted, and " + event.name() + " is a clock: give --sample-rate");
        }
        return new SampledEvent(event.kind(), event.name(), event.number(), period(options.period));
    }

    private static SampledEvent event(@Nullable String name) throws WrongUsageException {
        for (SampledEvent event : EVENTS) {
            if (name == null || event.name().equals(name)) {
                return event;
            }
        }
        if (name != null && TRACEPOINT.matcher(name).matches()) {
            return new SampledEvent(Kind.TRACEPOINT, name, 0, 1);
        }
        throw new WrongUsageException("--event " + OneLine.of(String.valueOf(name)) + " is no event: give "
                + EVENTS.stream().map(SampledEvent::name).collect(Collectors.joining(", "))
                + " or a tracepoint such as syscalls:sys_enter_openat");
    }

    private static long period(String text) throws WrongUsageException {
        long period = text.matches("\\d{1,9}") ? Long.parseLong(text) : 0;
        if (period < 1) {
            throw new WrongUsageException("--period " + OneLine.of(text)
                    + " is no number of events: give 1 for each of them, 1000 for fewer samples");
        }
        return period;
    }
}
