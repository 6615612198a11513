package io.perfagent.cli;

import io.perfagent.agent.Log;
import io.perfagent.agent.PythonCheck;
import io.perfagent.model.CannotStartException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code perf-agent check}. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = "Says for each process what a run with --inject-python would do, and touches none.",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:looked", "1:a process does not exist", "2:wrong usage"})
final class CheckCommand {
    private static final int NOT_THERE = 1;

    @Option(
            names = "--pid",
            paramLabel = "N",
            arity = "1..*",
            description = "Processes to look at, by host PID; several, commas and repetition allowed.")
    List<String> pids = new ArrayList<>();

    @Option(
            names = {"-a", "--all"},
            description = "Look at every process.")
    boolean all;

    @Option(names = "--json", description = "One JSON array instead of one line per process.")
    boolean json;

    int run(PrintStream out, Log log) throws WrongUsageException, CannotStartException {
        List<Integer> targets = RequestRules.targets(all, pids);
        PythonCheck check = new PythonCheck(out, log);
        boolean allThere = json ? check.json(targets) : check.text(targets);
        return allThere ? 0 : NOT_THERE;
    }
}
