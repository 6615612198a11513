package io.perfagent.cli;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Completions for fish: {@code complete} of its documentation, a line for each command and each option. */
final class FishCompletion {
    private FishCompletion() {}

    static String of(CommandLine program) {
        return Stream.concat(
                        options(program.getCommandSpec(), "__fish_use_subcommand"),
                        program.getSubcommands().values().stream()
                                .map(CommandLine::getCommandSpec)
                                .flatMap(command -> Stream.concat(
                                        Stream.of("complete -c perf-agent -f -n __fish_use_subcommand -a "
                                                + command.name()
                                                + described(
                                                        command.usageMessage().description())),
                                        options(command, "'__fish_seen_subcommand_from " + command.name() + "'"))))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static Stream<String> options(CommandSpec command, String condition) {
        return command.options().stream()
                .filter(option -> !option.hidden())
                .map(option -> "complete -c perf-agent -n " + condition + names(option) + value(option)
                        + described(option.description()));
    }

    private static String names(OptionSpec option) {
        return Stream.of(option.names())
                .map(name -> name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1))
                .collect(Collectors.joining());
    }

    /** Files are offered where one is wanted. */
    private static String value(OptionSpec option) {
        if (option.arity().max() == 0) {
            return "";
        }
        return option.paramLabel().matches(".*(FILE|DIR).*") ? " -r" : " -x";
    }

    /** The first sentence, in quotes of fish. */
    private static String described(String... description) {
        String first = String.join(" ", description).replaceFirst("(?s)\\.( .*)?$", "");
        return " -d '" + first.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
