package io.perfagent.cli;

import io.perfagent.agent.PythonCheck;
import io.perfagent.model.CannotStartException;
import io.perfagent.report.Log;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code perf-agent check}. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description =
                "Says for each process whether a run would name its Python functions, and what one with --inject-python"
                        + " would do, and touches none.",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:looked", "1:a process does not exist", "2:wrong usage"})
final class CheckCommand {
    private static final int NOT_THERE = 1;

    @Mixin
    TargetOptions targets = new TargetOptions();

    @Option(
            names = {"-a", "--all"},
            description = "Look at every process.")
    boolean all;

    @Option(
            names = {"-v", "--verbose"},
            description = "With -a, a line also for each process that is no Python.")
    boolean verbose;

    @Option(names = "--json", description = "One JSON array instead of one line per process.")
    boolean json;

    int run(PrintStream out, Log log) throws WrongUsageException, CannotStartException {
        List<Integer> pids = TargetRules.pidsOrAll(all, targets);
        PythonCheck check = new PythonCheck(out, log);
        boolean allThere = json ? check.json(pids) : check.text(pids, verbose || !all);
        return allThere ? 0 : NOT_THERE;
    }
}
