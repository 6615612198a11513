package io.perfagent.cli;

import io.perfagent.agent.ContinuousSession;
import io.perfagent.agent.ReloadSignal;
import io.perfagent.agent.StopSignal;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.ContinuousRequest;
import io.perfagent.report.Log;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** {@code perf-agent run}. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description =
                "Profiles without end, an interval after the other, into files of a directory, of which the oldest go."
                        + " Options can be set in /etc/perf-agent/config.toml (every = \"15s\") and in the environment"
                        + " (PERF_AGENT_EVERY=15s) as well; options come first, the file last. SIGTERM ends it, with its"
                        + " last interval; SIGHUP has it read its settings again.",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:ended by a signal, or the targets have ended", "1:could not start", "2:wrong usage"})
final class RunCommand {
    private static final int WRONG = 2;

    @Mixin
    RunOptions options = new RunOptions();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Settings (default: /etc/perf-agent/config.toml, where it is there).")
    @Nullable
    String config;

    @Option(
            names = "--check-config",
            description = "Print what would be used and who says so, and what is wrong; do nothing else.")
    boolean checkConfig;

    int run(ParseResult given, StopSignal stop, PrintStream out, Log log)
            throws WrongUsageException, CannotStartException {
        if (checkConfig) {
            return check(given, out, log);
        }
        RunSettings settings = read(given);
        ContinuousRequest request = settings.request();
        if (request == null) {
            List<String> problems = settings.problems();
            problems.subList(0, problems.size() - 1)
                    .forEach(problem -> log.line("perf-agent: " + Log.oneLine(problem)));
            throw new WrongUsageException(problems.getLast());
        }
        new ContinuousSession(request, () -> again(given), stop, ReloadSignal.install(), log).run();
        return 0;
    }

    private int check(ParseResult given, PrintStream out, Log log) {
        RunSettings settings = read(given);
        boolean right = settings.request() != null;
        settings.lines().forEach(out::println);
        settings.problems().forEach(problem -> log.line("perf-agent: " + Log.oneLine(problem)));
        return right ? 0 : WRONG;
    }

    private RunSettings read(ParseResult given) {
        String file = config == null ? System.getenv("PERF_AGENT_CONFIG") : config;
        return RunSettings.read(given, file, System.getenv());
    }

    private ContinuousRequest again(ParseResult given) throws CannotStartException {
        RunSettings settings = read(given);
        ContinuousRequest request = settings.request();
        if (request == null) {
            throw new CannotStartException(String.join("; ", settings.problems()));
        }
        return request;
    }
}
