package io.perfagent.cli;

import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code perf-agent help}, {@code perf-agent help check}. */
@Command(
        name = "help",
        mixinStandardHelpOptions = true,
        description = "Shows the options of perf-agent, or of one of its commands.")
final class HelpCommand {
    @Parameters(paramLabel = "COMMAND", arity = "0..1", description = "top, check, dump, diff, off, view or demo.")
    @Nullable
    String topic;

    int run(CommandLine help, PrintStream out) throws WrongUsageException {
        CommandLine program = help.getParent();
        String wanted = topic == null ? "" : topic;
        CommandLine command =
                wanted.isEmpty() ? program : program.getSubcommands().get(wanted);
        if (command == null) {
            List<String> near =
                    Spelling.near(wanted, List.copyOf(program.getSubcommands().keySet()));
            throw new WrongUsageException("no command " + OneLine.of(wanted)
                    + (near.isEmpty() ? ": see perf-agent help" : ": did you mean " + near.getFirst() + "?"));
        }
        Help.print(command, out);
        return 0;
    }
}
