package io.perfagent.cli;

import io.perfagent.agent.StopSignal;
import io.perfagent.agent.demo.Demo;
import io.perfagent.model.CannotStartException;
import io.perfagent.report.Log;
import java.io.PrintStream;
import picocli.CommandLine.Command;

/** {@code perf-agent demo}. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "Starts a small Python web service under load, profiles it for 10 s and shows the result.")
final class DemoCommand {
    static int run(PrintStream out, StopSignal stop, Log log) throws CannotStartException {
        return Demo.run(out, stop, log);
    }
}
