package io.perfagent.cli;

import io.perfagent.model.CountRequest;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What is to be counted: {@code --pmu} and what belongs to it. */
final class CountRules {
    private CountRules() {}

    /** Null where nothing is. */
    static @Nullable CountRequest request(ProfileOptions options) throws WrongUsageException {
        if (!options.pmu) {
            requireNothingOfIt(options);
            return null;
        }
        if (alone(options)) {
            requireNoProfile(options);
        }
        return new CountRequest(options.perPid, path(options.pmuOutput));
    }

    /** Whether nothing else is asked for. */
    static boolean alone(ProfileOptions options) {
        return options.pmu && !options.profile && !options.offCpu && !options.wall;
    }

    private static void requireNothingOfIt(ProfileOptions options) throws WrongUsageException {
        if (options.perPid || options.pmuOutput != null) {
            throw new WrongUsageException(
                    (options.perPid ? "--per-pid" : "--pmu-output") + " is for what --pmu counts: add --pmu");
        }
    }

    /** Whoever says what a profile is to be like expects one. */
    private static void requireNoProfile(ProfileOptions options) throws WrongUsageException {
        String of = options.outputs.isEmpty() ? null : "--profile-output";
        of = of == null && options.format != null ? "--format" : of;
        of = of == null && options.foldPython ? "--fold-python" : of;
        of = of == null && options.injectPython ? "--inject-python" : of;
        of = of == null && options.event != null ? "--event" : of;
        of = of == null && options.every != null ? "--every" : of;
        of = of == null && !options.tags.isEmpty() ? "--tag" : of;
        if (of != null) {
            throw new WrongUsageException(
                    of + " is for a profile, and --pmu alone takes none: add --profile, or leave it out");
        }
    }

    private static @Nullable Path path(@Nullable String name) throws WrongUsageException {
        if (name == null || name.equals("-")) {
            return null;
        }
        try {
            if (!name.isBlank()) {
                return Path.of(name);
            }
        } catch (InvalidPathException _) {
            // said below
        }
        throw new WrongUsageException(
                "--pmu-output " + OneLine.of(name) + " is no file name: give one such as app.txt, or auto");
    }
}
