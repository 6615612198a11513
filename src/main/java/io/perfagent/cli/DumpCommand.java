package io.perfagent.cli;

import io.perfagent.agent.StopSignal;
import io.perfagent.agent.ThreadDump;
import io.perfagent.model.CannotStartException;
import io.perfagent.report.Log;
import java.io.PrintStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code perf-agent dump}. */
@Command(
        name = "dump",
        mixinStandardHelpOptions = true,
        description = "Shows where each thread of a process is now, those that wait included, and does not stop it.",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:dumped", "1:could not", "2:wrong usage"})
final class DumpCommand {
    @Mixin
    TargetOptions targets = new TargetOptions();

    @Option(names = "--all-frames", description = "Show the interpreter's own frames between Python functions, too.")
    boolean allFrames;

    @Option(names = "--kernel", description = "Show frames of the kernel, too.")
    boolean kernel;

    @Option(names = "--json", description = "One JSON document with all that is known instead of text.")
    boolean json;

    int run(PrintStream out, StopSignal stop, Log log) throws WrongUsageException, CannotStartException {
        if (targets.none()) {
            throw new WrongUsageException("no target: add --pid N or --name NAME");
        }
        stop.nothingToUndo();
        ThreadDump dump = new ThreadDump(TargetRules.pids(targets), log);
        if (json) {
            dump.json(out);
        } else {
            dump.text(out, allFrames, kernel);
        }
        return 0;
    }
}
