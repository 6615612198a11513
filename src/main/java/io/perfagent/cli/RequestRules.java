package io.perfagent.cli;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.PythonFrameMode;
import io.perfagent.model.UnwindMode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Turns options into a request, or into the reason why they make none. */
final class RequestRules {
    private static final int HIGHEST_RATE = 10_000;

    private RequestRules() {}

    static ProfileRequest request(ProfileOptions options) throws WrongUsageException, CannotStartException {
        requireSense(options);
        return new ProfileRequest(
                TargetRules.pidsOrAll(options.all, options.targets),
                options.all,
                !options.noChildren,
                Durations.parse("--duration", options.duration),
                sampleRate(options.sampleRate),
                unwindMode(options.unwind),
                pythonFrames(options.pythonFrames),
                options.injectPython,
                options.keepTrampoline,
                WaitRules.samplesRunning(options)
                        ? OutputRules.outputs(options.outputs, options.format, options.foldPython)
                        : List.of(),
                tags(options.tags),
                options.every == null ? null : Durations.parse("--every", options.every),
                WaitRules.waits(options),
                EventRules.event(options));
    }

    private static void requireSense(ProfileOptions options) throws WrongUsageException {
        requireSense(options.all, options.noChildren);
        if (options.keepTrampoline && !options.injectPython) {
            throw new WrongUsageException("--keep-trampoline has no trampoline to keep: add --inject-python");
        }
    }

    static void requireSense(boolean all, boolean noChildren) throws WrongUsageException {
        if (noChildren && all) {
            throw new WrongUsageException("--no-children has nothing to leave out with -a: every process is profiled");
        }
    }

    static int sampleRate(String text) throws WrongUsageException {
        int rate = text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
        if (rate < 1 || rate > HIGHEST_RATE) {
            throw new WrongUsageException("--sample-rate " + OneLine.of(text) + " is no rate: give 1 to " + HIGHEST_RATE
                    + " samples per second, 99 is usual");
        }
        return rate;
    }

    private static UnwindMode unwindMode(String text) throws WrongUsageException {
        return switch (text) {
            case "auto" -> UnwindMode.AUTO;
            case "dwarf" -> UnwindMode.DWARF;
            case "fp" -> UnwindMode.FP;
            default ->
                throw new WrongUsageException(
                        "--unwind " + OneLine.of(text) + " is no way to walk stacks: give auto, dwarf or fp");
        };
    }

    static PythonFrameMode pythonFrames(String text) throws WrongUsageException {
        return switch (text) {
            case "auto" -> PythonFrameMode.AUTO;
            case "off" -> PythonFrameMode.OFF;
            default ->
                throw new WrongUsageException(
                        "--python-frames " + OneLine.of(text) + " is neither auto nor off: give one of them");
        };
    }

    private static List<String> tags(List<String> tags) throws WrongUsageException {
        Set<String> keys = new HashSet<>();
        for (String tag : tags) {
            int equals = tag.indexOf('=');
            // A tag is one comment line of the profile.
            if (equals < 1 || tag.chars().anyMatch(Character::isISOControl)) {
                throw new WrongUsageException("--tag " + OneLine.of(tag) + " is no K=V: write --tag service=shop");
            }
            if (!keys.add(tag.substring(0, equals))) {
                throw new WrongUsageException(
                        "--tag " + tag.substring(0, equals) + " is given twice: give each key once");
            }
        }
        return List.copyOf(tags);
    }
}
