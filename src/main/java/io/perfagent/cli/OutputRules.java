package io.perfagent.cli;

import io.perfagent.model.Format;
import io.perfagent.model.Output;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where profiles go and as what, which the names of files say, or {@code --format}. */
final class OutputRules {
    /** Ends as if it named a format, and none of those under which people keep what pprof reads. */
    private static final Pattern NO_FORMAT = Pattern.compile(
            ".*\\.(?!(pb|pprof|prof|profile|out|bin)(\\.gz)?$)(?!gz$)\\p{Alpha}{2,}(\\.gz)?", Pattern.CASE_INSENSITIVE);

    private OutputRules() {}

    static List<Output> outputs(List<String> names, @Nullable String label, boolean foldPython)
            throws WrongUsageException {
        Format asked = label == null ? null : format(label);
        if (names.isEmpty()) {
            return List.of(new Output(null, asked == null ? Format.PPROF : asked, foldPython));
        }
        List<Output> outputs = new ArrayList<>();
        Set<Path> paths = new HashSet<>();
        for (String name : names) {
            Output output = new Output(path(name), format(name, asked), foldPython);
            if (!paths.add(output.path())) {
                throw new WrongUsageException("--profile-output " + OneLine.of(name) + " is given twice: give it once");
            }
            outputs.add(output);
        }
        return outputs;
    }

    private static Format format(String label) throws WrongUsageException {
        Format format = Format.labelled(label);
        if (format == null) {
            throw new WrongUsageException(
                    "--format " + OneLine.of(label) + " is no format: give " + oneOf(Format::label));
        }
        return format;
    }

    /** Whoever asks for one thing by the name of a file is not to find another there after the run. */
    private static Format format(String name, @Nullable Format asked) throws WrongUsageException {
        if (Format.ofFile(name) == null
                && asked == null
                && NO_FORMAT.matcher(name).matches()) {
            throw new WrongUsageException("--profile-output " + OneLine.of(name)
                    + " is no name for a format that there is: give one such as " + examples());
        }
        Format named = Format.ofFile(name);
        if (named != null && asked != null && named != asked) {
            throw new WrongUsageException("--format " + asked.label() + " and --profile-output " + OneLine.of(name)
                    + " are two formats: leave out --format, or give a name such as app" + asked.extension());
        }
        if (named != null) {
            return named;
        }
        return asked == null ? Format.PPROF : asked;
    }

    private static Path path(String name) throws WrongUsageException {
        try {
            if (!name.isBlank()) {
                return Path.of(name);
            }
        } catch (InvalidPathException _) {
            // said below
        }
        throw new WrongUsageException(
                "--profile-output " + OneLine.of(name) + " is no file name: give one such as " + examples());
    }

    private static String examples() {
        return oneOf(format -> "app" + format.extension());
    }

    private static String oneOf(Function<Format, String> text) {
        List<String> texts = Stream.of(Format.values()).map(text).toList();
        return String.join(", ", texts.subList(0, texts.size() - 1)) + " or " + texts.getLast();
    }
}
