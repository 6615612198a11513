package io.perfagent.cli;

import io.perfagent.agent.StopSignal;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.Format;
import io.perfagent.view.Diff;
import io.perfagent.view.ViewRequest;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code perf-agent diff}. */
@Command(
        name = "diff",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Compares two pprof files, each as shares of its own total: which functions take more now, and which less.",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {
            "0:shown, whether or not anything differs",
            "1:a file cannot be read, or what is made of them cannot be written",
            "2:wrong usage"
        })
final class DiffCommand {
    private static final List<Format> FORMATS = List.of(Format.HTML, Format.FOLDED);

    @Parameters(index = "0", paramLabel = "BEFORE", description = "One profile, packed or not.")
    String before = "";

    @Parameters(index = "1", paramLabel = "AFTER", description = "The other; one of them may be -, standard input.")
    String after = "";

    @Mixin
    ViewOptions options = new ViewOptions();

    int run(PrintStream out, StopSignal stop) throws WrongUsageException, CannotStartException {
        ViewRequest request = options.request(ViewRequest.Kind.TABLE, FORMATS);
        if (before.equals("-") && after.equals("-")) {
            throw new WrongUsageException("standard input is one profile: give the name of a file for the other");
        }
        if (request.outputs().isEmpty()) {
            stop.nothingToUndo();
        }
        Diff.run(before, after, request, out);
        return 0;
    }
}
