package io.perfagent.cli;

import io.perfagent.model.Output;
import io.perfagent.model.WaitRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is asked for of time off the CPU, and whether it makes sense. */
final class WaitRules {
    private static final Duration USUAL_THRESHOLD = Duration.ofMillis(10);
    private static final Duration LOWEST_THRESHOLD = Duration.ofNanos(10_000);
    private static final Duration HIGHEST_THRESHOLD = Duration.ofSeconds(1);
    private static final Duration LONGEST_LEFT_OUT = Duration.ofHours(1);

    private WaitRules() {}

    /** Null where it is not asked for. */
    static @Nullable WaitRequest waits(ProfileOptions options) throws WrongUsageException {
        if (options.wall) {
            requireWallAlone(options);
            return WaitRequest.wall(
                    threshold(options.offCpuThreshold),
                    options.wakers,
                    wallOutputs(options),
                    leastRunning(options.wallMin));
        }
        if (options.wallMin != null) {
            throw new WrongUsageException("--wall-min is for threads in a profile of all their time: add --wall");
        }
        if (!options.offCpu) {
            requireNothing(options);
            return null;
        }
        return new WaitRequest(
                threshold(options.offCpuThreshold), shortest(options.offCpuMin), options.wakers, outputs(options));
    }

    /** Whether threads that run are sampled as well. */
    static boolean samplesRunning(ProfileOptions options) {
        return options.profile || !(options.offCpu || options.wall);
    }

    /** Time off the CPU is in it as that on the CPU, so there is nothing to be beside it. */
    private static void requireWallAlone(ProfileOptions options) throws WrongUsageException {
        String other = options.profile
                ? "--profile"
                : options.offCpu
                        ? "--off-cpu"
                        : options.offCpuMin != null
                                ? "--off-cpu-min"
                                : options.offCpuOutputs.isEmpty() ? "" : "--off-cpu-output";
        if (!other.isEmpty()) {
            String why =
                    other.equals("--off-cpu-min") ? "leaves nothing out of it" : "has time on and off the CPU already";
            throw new WrongUsageException("--wall " + why + ": leave out " + other
                    + (other.equals("--off-cpu-output") ? ", and give -o" : ""));
        }
    }

    private static List<Output> wallOutputs(ProfileOptions options) throws WrongUsageException {
        List<Output> outputs = OutputRules.outputs(options.outputs, options.format, options.foldPython);
        requireNoTimes("--wall", outputs);
        return outputs;
    }

    private static Duration leastRunning(@Nullable String text) throws WrongUsageException {
        return text == null ? Duration.ZERO : Durations.parse("--wall-min", text);
    }

    private static void requireNoTimes(String option, List<Output> outputs) throws WrongUsageException {
        for (Output output : outputs) {
            if (output.format().needsTimes()) {
                throw new WrongUsageException(option + " cannot be written as "
                        + output.format().label()
                        + ", whose samples all stand for the same time: give html, folded, speedscope or pprof");
            }
        }
    }

    /** The only profile of a run goes where -o says. */
    private static List<Output> outputs(ProfileOptions options) throws WrongUsageException {
        boolean only = !samplesRunning(options) && options.offCpuOutputs.isEmpty();
        List<String> names = only ? options.outputs : options.offCpuOutputs;
        if (!only && !samplesRunning(options) && !options.outputs.isEmpty()) {
            throw new WrongUsageException("-o and --off-cpu-output are given for one profile: leave out one of them,"
                    + " or add --profile for a second profile, of the time on the CPU");
        }
        List<Output> outputs = OutputRules.outputs(names, options.format, options.foldPython);
        requireNoTimes("--off-cpu", outputs);
        requireOthers(outputs, options);
        return outputs;
    }

    /** One profile would take the other's place. */
    private static void requireOthers(List<Output> outputs, ProfileOptions options) throws WrongUsageException {
        if (!samplesRunning(options)) {
            return;
        }
        for (String name : options.outputs) {
            Path path = Path.of(name).toAbsolutePath().normalize();
            for (Output output : outputs) {
                if (output.path() != null
                        && !name.equals("-")
                        && output.path().toAbsolutePath().normalize().equals(path)) {
                    throw new WrongUsageException("-o and --off-cpu-output are both " + OneLine.of(name)
                            + ": give each profile a file of its own");
                }
            }
        }
    }

    private static Duration threshold(@Nullable String text) throws WrongUsageException {
        Duration threshold = text == null ? USUAL_THRESHOLD : Durations.parse("--off-cpu-threshold", text);
        if (threshold.compareTo(LOWEST_THRESHOLD) < 0 || threshold.compareTo(HIGHEST_THRESHOLD) > 0) {
            throw new WrongUsageException("--off-cpu-threshold " + OneLine.of(String.valueOf(text))
                    + " is out of bounds: give 10us to 1s, 10ms is usual");
        }
        return threshold;
    }

    private static Duration shortest(@Nullable String text) throws WrongUsageException {
        if (text == null || text.matches("0+(us|ms|s|m|h)?")) {
            return Duration.ZERO;
        }
        Duration shortest = Durations.parse("--off-cpu-min", text);
        if (shortest.compareTo(LONGEST_LEFT_OUT) > 0) {
            throw new WrongUsageException("--off-cpu-min " + OneLine.of(text)
                    + " leaves out waits of an hour: give at most 1h, 1ms is usual");
        }
        return shortest;
    }

    private static void requireNothing(ProfileOptions options) throws WrongUsageException {
        String option = options.offCpuMin != null
                ? "--off-cpu-min"
                : options.offCpuThreshold != null
                        ? "--off-cpu-threshold"
                        : options.wakers ? "--wakers" : options.offCpuOutputs.isEmpty() ? "" : "--off-cpu-output";
        if (!option.isEmpty()) {
            throw new WrongUsageException(option + " has no waits to speak of: add --off-cpu"
                    + (option.equals("--wakers") ? " or --wall" : ""));
        }
    }
}
