package io.perfagent.cli;

import io.perfagent.agent.StopSignal;
import io.perfagent.model.CannotStartException;
import io.perfagent.view.View;
import java.io.PrintStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code perf-agent view}. */
@Command(
        name = "view",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Shows a pprof file, whoever wrote it: the functions that took most.",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:shown", "1:the file cannot be read", "2:wrong usage"})
final class ViewCommand {
    @Parameters(paramLabel = "FILE", description = "The profile, packed or not; - for standard input.")
    String file = "";

    @Mixin
    ViewOptions options = new ViewOptions();

    int run(PrintStream out, StopSignal stop) throws WrongUsageException, CannotStartException {
        stop.nothingToUndo();
        View.run(file, options.request(), out, 0);
        return 0;
    }
}
