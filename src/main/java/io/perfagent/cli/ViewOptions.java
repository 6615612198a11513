package io.perfagent.cli;

import io.perfagent.model.Format;
import io.perfagent.model.Output;
import io.perfagent.view.Sort;
import io.perfagent.view.ViewRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a profile that has been written is looked at. */
final class ViewOptions {
    @Option(
            names = "--sample-type",
            paramLabel = "TYPE",
            description =
                    "Which of its values count, such as cpu or inuse_space (default: what the profile wants shown, or the last).")
    @Nullable
    String sampleType;

    @Option(
            names = "--sort",
            paramLabel = "self|total",
            defaultValue = "self",
            description =
                    "What comes first: functions that take most themselves, or with what they call (default: self).")
    String sort = "";

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "30",
            description = "Rows at most, 0 for all (default: 30).")
    String limit = "";

    @Option(names = "--lines", description = "Each line of a function by itself.")
    boolean lines;

    @Option(
            names = "--focus",
            paramLabel = "REGEX",
            description = "Only stacks with a function whose name or file matches.")
    @Nullable
    String focus;

    @Option(
            names = "--ignore",
            paramLabel = "REGEX",
            description = "Without stacks with a function whose name or file matches.")
    @Nullable
    String ignore;

    @Option(names = "--fold-python", description = "Leave out the interpreter's own frames between Python functions.")
    boolean foldPython;

    @Option(
            names = {"-o", "--profile-output", "--output"},
            paramLabel = "FILE",
            description = "Write it as what the name says instead, - for standard output; repeatable.")
    List<String> outputs = new ArrayList<>();

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            description = "What it is written as, where the name of a file does not say it.")
    @Nullable
    String format;

    /**
     * What was asked for.
     *
     * @param kind of text
     * @param formats that there are
     */
    ViewRequest request(ViewRequest.Kind kind, List<Format> formats) throws WrongUsageException {
        return new ViewRequest(
                sampleType,
                sort(),
                limit(),
                lines,
                kind,
                pattern("--focus", focus),
                pattern("--ignore", ignore),
                foldPython,
                outputs(formats));
    }

    private List<Output> outputs(List<Format> formats) throws WrongUsageException {
        if (outputs.isEmpty() && format == null) {
            return List.of();
        }
        List<Output> wanted = OutputRules.outputs(outputs.isEmpty() ? List.of("-") : outputs, format, foldPython);
        for (Output output : wanted) {
            requireOneOf(formats, output.format());
        }
        return wanted;
    }

    private static void requireOneOf(List<Format> formats, Format wanted) throws WrongUsageException {
        if (!formats.contains(wanted)) {
            String why = wanted.needsTimes()
                    ? " shows when each sample was taken, which pprof files do not say"
                    : " has no place for what differs between two profiles";
            throw new WrongUsageException("--format " + wanted.label() + why + ": give "
                    + String.join(" or ", formats.stream().map(Format::label).toList()));
        }
    }

    private Sort sort() throws WrongUsageException {
        Sort named = Sort.named(sort);
        if (named == null) {
            throw new WrongUsageException(
                    "--sort " + OneLine.of(sort) + " is neither self nor total: give one of them");
        }
        return named;
    }

    private int limit() throws WrongUsageException {
        if (!limit.matches("\\d{1,9}")) {
            throw new WrongUsageException(
                    "--limit " + OneLine.of(limit) + " is no number of rows: give 30, or 0 for all");
        }
        return Integer.parseInt(limit);
    }

    private static @Nullable Pattern pattern(String option, @Nullable String text) throws WrongUsageException {
        try {
            return text == null ? null : Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new WrongUsageException(
                    option + " " + OneLine.of(text) + " is no regular expression: " + OneLine.of(e.getDescription()));
        }
    }
}
