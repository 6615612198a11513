package io.perfagent.cli;

import io.perfagent.agent.TrampolinesOff;
import io.perfagent.model.CannotStartException;
import io.perfagent.report.Log;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code perf-agent off}. */
@Command(
        name = "off",
        mixinStandardHelpOptions = true,
        description = "Switches the perf trampoline of Python processes off, such as a killed run has left on.",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:off now, or the process is gone", "1:a process was refused", "2:wrong usage"})
final class OffCommand {
    @Mixin
    TargetOptions targets = new TargetOptions();

    int run(Log log) throws WrongUsageException, CannotStartException {
        if (targets.none()) {
            throw new WrongUsageException("no target: add --pid N or --name NAME for a process");
        }
        return new TrampolinesOff(log).run(TargetRules.pids(targets));
    }
}
