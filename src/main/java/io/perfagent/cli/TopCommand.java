package io.perfagent.cli;

import io.perfagent.agent.Preconditions;
import io.perfagent.agent.StopSignal;
import io.perfagent.agent.TerminalNeeds;
import io.perfagent.agent.TopSession;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.Format;
import io.perfagent.model.Output;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.UnwindMode;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code perf-agent top}. */
@Command(
        name = "top",
        mixinStandardHelpOptions = true,
        description =
                "Shows in a terminal what processes do: functions, lines and threads, while they run. h is its help.",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:seen enough, or the targets have ended", "1:could not start", "2:wrong usage"})
final class TopCommand {
    private static final Duration SHORTEST = Duration.ofMillis(250);
    private static final Duration LONGEST = Duration.ofMinutes(1);

    @Mixin
    TargetOptions targets = new TargetOptions();

    @Parameters(paramLabel = "PID|NAME", arity = "0..*", description = "The same without --pid or --name.")
    List<String> words = new ArrayList<>();

    @Option(
            names = {"-a", "--all"},
            description = "Show every process.")
    boolean all;

    @Option(names = "--no-children", description = "Leave out the processes that the targets have started or start.")
    boolean noChildren;

    @Option(
            names = {"-i", "--interval", "--every"},
            paramLabel = "D",
            defaultValue = "1s",
            description = "How often the view changes, 250ms to 1m (default: 1s).")
    String interval = "";

    @Option(
            names = {"-r", "--sample-rate", "--rate"},
            paramLabel = "HZ",
            defaultValue = "99",
            description = "Samples per second and CPU, 1 to 10000 (default: 99).")
    String sampleRate = "";

    @Option(
            names = "--python-frames",
            paramLabel = "auto|off",
            defaultValue = "auto",
            description = "Name Python functions, with lines, by reading the interpreter's frames (default: auto).")
    String pythonFrames = "";

    @Option(names = "--inject-python", description = "Name them through CPython's perf trampoline as well.")
    boolean injectPython;

    int run(StopSignal stop, PrintStream err) throws WrongUsageException, CannotStartException {
        ProfileRequest request = request();
        String missing = TerminalNeeds.missing(System.getenv("TERM"));
        if (missing != null) {
            throw new WrongUsageException(missing);
        }
        Preconditions.check(request);
        TopSession.run(request, stop, err);
        return 0;
    }

    private ProfileRequest request() throws WrongUsageException, CannotStartException {
        words.forEach(word -> (word.matches("[\\d,]+") ? targets.pids : targets.names).add(word));
        RequestRules.requireSense(all, noChildren);
        return new ProfileRequest(
                TargetRules.pidsOrAll(all, targets),
                all,
                !noChildren,
                ProfileRequest.WITHOUT_END,
                RequestRules.sampleRate(sampleRate),
                UnwindMode.AUTO,
                RequestRules.pythonFrames(pythonFrames),
                injectPython,
                false,
                List.of(new Output(null, Format.HTML)),
                List.of(),
                interval());
    }

    private Duration interval() throws WrongUsageException {
        Duration length = Durations.parse("--interval", interval);
        if (length.compareTo(SHORTEST) < 0 || length.compareTo(LONGEST) > 0) {
            throw new WrongUsageException("--interval " + interval + " is no time to look at: give 250ms to 1m");
        }
        return length;
    }
}
