package io.perfagent.cli;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import picocli.CommandLine;

/** The commands beside the profile itself. */
final class Commands {
    private record Named(String name, Supplier<Object> command) {}

    private static final List<Named> ALL = List.of(
            new Named("demo", DemoCommand::new),
            new Named("off", OffCommand::new),
            new Named("check", CheckCommand::new),
            new Named("view", ViewCommand::new),
            new Named("diff", DiffCommand::new),
            new Named("dump", DumpCommand::new),
            new Named("top", TopCommand::new),
            new Named("run", RunCommand::new),
            new Named("help", HelpCommand::new));

    private Commands() {}

    static CommandLine all(Main program) {
        return of(program, _ -> true);
    }

    /** Those that the arguments may mean: all of them would take a fifth of the time in which a run starts. */
    static CommandLine among(Main program, String... args) {
        Set<String> given = Set.copyOf(List.of(args));
        return given.contains("help") ? all(program) : of(program, given::contains);
    }

    private static CommandLine of(Main program, Predicate<String> wanted) {
        CommandLine line = new CommandLine(program)
                .setAllowSubcommandsAsOptionParameters(true); // --python-frames off, which is a command, too
        ALL.stream()
                .filter(named -> wanted.test(named.name))
                .forEach(named -> line.addSubcommand(named.name, named.command.get()));
        return line;
    }
}
