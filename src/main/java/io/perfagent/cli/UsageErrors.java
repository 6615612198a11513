package io.perfagent.cli;

import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
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

    private static String unmatched(UnmatchedArgumentException e) {
        String argument = e.getUnmatched().getFirst();
        String kind = argument.startsWith("-") ? "unknown option " : "unexpected argument ";
        return kind + OneLine.of(argument) + ": see perf-agent --help";
    }

    /** The usual way to get here is {@code --pid $(pgrep -f name)} where nothing has that name. */
    private static String missing(MissingParameterException e) {
        String option = name(e.getMissing().getFirst());
        return option.equals("--pid")
                ? "--pid has no process ID: is it running? (pgrep prints nothing where no process matches)"
                : option + " has no value: see perf-agent --help";
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }
}
