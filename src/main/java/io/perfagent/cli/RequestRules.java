package io.perfagent.cli;

import io.perfagent.agent.ProfileRequest;
import io.perfagent.model.UnwindMode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns options into a request, or into the reason why they make none. */
final class RequestRules {
    private static final int HIGHEST_RATE = 10_000;

    private RequestRules() {}

    static ProfileRequest request(ProfileOptions options) throws WrongUsageException {
        requireProfile(options);
        return new ProfileRequest(
                targets(options.all, options.pids),
                options.all,
                !options.noChildren,
                Durations.parse(options.duration),
                sampleRate(options.sampleRate),
                unwindMode(options.unwind),
                options.injectPython,
                options.keepTrampoline,
                output(options.output),
                tags(options.tags));
    }

    private static void requireProfile(ProfileOptions options) throws WrongUsageException {
        if (!options.profile) {
            throw new WrongUsageException(
                    options.injectPython
                            ? "--inject-python names the functions of a profile: add --profile"
                            : "nothing to do: add --profile");
        }
        if (options.noChildren && options.all) {
            throw new WrongUsageException("--no-children has nothing to leave out with -a: every process is profiled");
        }
        if (options.keepTrampoline && !options.injectPython) {
            throw new WrongUsageException("--keep-trampoline has no trampoline to keep: add --inject-python");
        }
    }

    /** Empty for all processes. */
    static List<Integer> targets(boolean all, List<String> pids) throws WrongUsageException {
        if (all && !pids.isEmpty()) {
            throw new WrongUsageException("both --pid and -a: give one of them");
        }
        if (!all && pids.isEmpty()) {
            throw new WrongUsageException("no target: add --pid N for a process, or -a for all of them");
        }
        return pids(pids);
    }

    /** Quoted output of pgrep comes as one argument with newlines in it. */
    static List<Integer> pids(List<String> arguments) throws WrongUsageException {
        Set<Integer> pids = new LinkedHashSet<>();
        for (String argument : arguments) {
            for (String pid : argument.strip().split("[,\\s]+", -1)) {
                pids.add(pid(pid));
            }
        }
        return List.copyOf(pids);
    }

    private static int pid(String text) throws WrongUsageException {
        if (!text.matches("[1-9]\\d{0,9}") || Long.parseLong(text) > Integer.MAX_VALUE) {
            throw new WrongUsageException(
                    "--pid " + OneLine.of(text) + " is no process ID: give numbers as pgrep prints them");
        }
        return Integer.parseInt(text);
    }

    private static int sampleRate(String text) throws WrongUsageException {
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

    private static @Nullable Path output(@Nullable String text) throws WrongUsageException {
        if (text == null) {
            return null;
        }
        try {
            if (!text.isBlank()) {
                return Path.of(text);
            }
        } catch (InvalidPathException _) {
            // said below
        }
        throw new WrongUsageException(
                "--profile-output " + OneLine.of(text) + " is no file name: give one such as app.pb.gz");
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
