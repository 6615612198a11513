package io.perfagent.cli;

import io.perfagent.agent.Log;
import io.perfagent.agent.TrampolinesOff;
import io.perfagent.model.CannotStartException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code perf-agent off}. */
@Command(
        name = "off",
        mixinStandardHelpOptions = true,
        description = "Switches the perf trampoline of Python processes off, such as a killed run has left on.",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:off now, or the process is gone", "1:a process was refused", "2:wrong usage"})
final class OffCommand {
    @Option(
            names = "--pid",
            paramLabel = "N",
            arity = "1..*",
            description = "Processes, by host PID; several, commas and repetition allowed.")
    List<String> pids = new ArrayList<>();

    int run(Log log) throws WrongUsageException, CannotStartException {
        if (pids.isEmpty()) {
            throw new WrongUsageException("no target: add --pid N for a process");
        }
        return new TrampolinesOff(log).run(RequestRules.pids(pids));
    }
}
