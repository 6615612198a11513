package io.perfagent.cli;

import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What picocli found wrong with the command line, in our words and one line. */
final class UsageErrors {
    private UsageErrors() {}

    static WrongUsageException of(ParameterException e) {
        return new WrongUsageException(
                switch (e) {
                    case UnmatchedArgumentException unmatched -> unmatched(unmatched);
                    case MissingParameterException missing -> missing(missing);
                    case OverwrittenOptionException twice ->
                        name(twice.getOverwritten()) + " is given twice: give it once";
                    default -> OneLine.of(String.valueOf(e.getMessage())) + ": see perf-agent --help";
                });
    }

    /** The list of PIDs takes what follows up to the next option, an unknown one among it. */
    static void requireNoOptionsInLists(CommandLine command) throws WrongUsageException {
        for (OptionSpec option : command.getParseResult().matchedOptions()) {
            for (String value : option.arity().max() > 1 ? option.originalStringValues() : List.<String>of()) {
                if (value.matches("--?[A-Za-z].*")) {
                    throw new WrongUsageException(unknown(value, command.getCommandSpec()));
                }
            }
        }
    }

    private static String unmatched(UnmatchedArgumentException e) {
        return unknown(e.getUnmatched().getFirst(), e.getCommandLine().getCommandSpec());
    }

    private static String unknown(String argument, CommandSpec command) {
        boolean option = argument.startsWith("-");
        List<String> known =
                option ? options(command) : List.copyOf(command.subcommands().keySet());
        List<String> near = Spelling.near(argument, known);
        String meant = near.isEmpty() ? remedy(argument, command) : ": did you mean " + String.join(" or ", near) + "?";
        return (option ? "unknown option " : "unexpected argument ") + OneLine.of(argument) + meant;
    }

    private static List<String> options(CommandSpec command) {
        return command.options().stream()
                .filter(option -> !option.hidden())
                .flatMap(option -> Stream.of(option.names()))
                .filter(name -> name.startsWith("--"))
                .toList();
    }

    /** What other profilers have, the original among them. */
    private static String remedy(String argument, CommandSpec command) {
        return switch (argument.replaceFirst("=.*", "")) {
            case "record", "profile" -> ": a profile needs no command, perf-agent --pid N takes one";
            default -> {
                boolean target = !argument.startsWith("-") && command.findOption("--pid") != null;
                yield target ? ": targets are given with --pid N or --name NAME" : ": see perf-agent --help";
            }
        };
    }

    /** The usual way to get here is {@code --pid $(pgrep -f name)} where nothing has that name. */
    private static String missing(MissingParameterException e) {
        String option = name(e.getMissing().getFirst());
        return option.equals("--pid")
                ? "--pid has no process ID: is it running? (pgrep prints nothing where no process matches; --name NAME finds it, too)"
                : option + " has no value: see perf-agent --help";
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }
}
