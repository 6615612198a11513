package io.perfagent.cli;

import io.perfagent.agent.StopSignal;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.Format;
import io.perfagent.report.Log;
import io.perfagent.view.View;
import io.perfagent.view.ViewRequest;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code perf-agent view}. */
@Command(
        name = "view",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Shows a pprof file, whoever wrote it: the functions that took most, or with -o as a page or what else there is.",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:shown", "1:the file cannot be read, or what is made of it cannot be written", "2:wrong usage"
        })
final class ViewCommand {
    private static final List<Format> FORMATS = List.of(Format.HTML, Format.FOLDED, Format.SPEEDSCOPE, Format.PPROF);

    @Parameters(paramLabel = "FILE", description = "The profile, packed or not; - for standard input.")
    String file = "";

    @Option(names = "--tree", description = "Who calls whom, callers above what they call, instead of a table.")
    boolean tree;

    @Option(
            names = "--wakers",
            description = "Who waited and who ended that, of a profile that was recorded with --wakers.")
    boolean wakers;

    @Mixin
    ViewOptions options = new ViewOptions();

    int run(PrintStream out, Log log, StopSignal stop) throws WrongUsageException, CannotStartException {
        ViewRequest request = options.request(kind(), FORMATS);
        if (request.outputs().isEmpty()) {
            stop.nothingToUndo();
        }
        View.run(file, request, out, note -> log.line(note));
        return 0;
    }

    private ViewRequest.Kind kind() throws WrongUsageException {
        if (wakers && (tree || !options.outputs.isEmpty() || options.format != null)) {
            throw new WrongUsageException("--wakers is a table of its own: leave out --tree, --output and --format");
        }
        return wakers ? ViewRequest.Kind.WAKERS : tree ? ViewRequest.Kind.TREE : ViewRequest.Kind.TABLE;
    }
}
