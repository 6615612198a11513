package io.perfagent.cli;

import io.perfagent.agent.CountingSession;
import io.perfagent.agent.Preconditions;
import io.perfagent.agent.StopSignal;
import io.perfagent.api.EventProfile;
import io.perfagent.api.FinishedInterval;
import io.perfagent.api.PerfAgent;
import io.perfagent.api.PerfAgentException;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.CountRequest;
import io.perfagent.model.ProfileRequest;
import io.perfagent.push.PushOnce;
import io.perfagent.push.PushTarget;
import io.perfagent.report.Log;
import io.perfagent.report.StandardText;
import java.io.PrintStream;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The program: reads the options, runs the session, turns what goes wrong into one line and an exit status. */
@Command(name = "perf-agent", mixinStandardHelpOptions = true, versionProvider = Version.class, sortOptions = false)
public final class Main {
    private static final int COULD_NOT_START = 1;
    private static final int WRONG_USAGE = 2;
    private static final String FAULT =
            "perf-agent: a fault of perf-agent itself has ended it: no profile was written, for what it says"
                    + " could be wrong; the lines below are what a report of the fault needs\n";

    @Mixin
    private final ProfileOptions options = new ProfileOptions();

    private final StopSignal stop;
    private final PrintStream err;
    private final Log log;

    private Main(StopSignal stop, PrintStream err) {
        this.stop = stop;
        this.err = err;
        this.log = new Log(err);
    }

    /** Ends the process with the exit status, whatever threads are left. */
    public static void main(String[] args) {
        StandardText text = new StandardText();
        int status = run(StopSignal.install(), text.stream(), System.err, args);
        String failure = text.failure();
        if (failure != null) {
            System.err.println("perf-agent: cannot write to standard output: " + failure);
        }
        System.exit(failure == null ? status : Math.max(status, COULD_NOT_START));
    }

    /** Does what the arguments ask; returns the exit status. */
    static int run(StopSignal stop, PrintStream out, PrintStream err, String... args) {
        if (args.length == 0) {
            err.print(Help.SHORT);
            return WRONG_USAGE;
        }
        try {
            return new Main(stop, err).run(out, args);
        } catch (WrongUsageException e) {
            return failed(err, e, WRONG_USAGE);
        } catch (CannotStartException e) {
            return failed(err, e, COULD_NOT_START);
        } catch (RuntimeException | Error e) {
            err.print(FAULT + Log.trace(e));
            return COULD_NOT_START;
        }
    }

    private static int failed(PrintStream err, Exception cause, int status) {
        err.println("perf-agent: " + Log.oneLine(String.valueOf(cause.getMessage())));
        return status;
    }

    private int run(PrintStream out, String... args) throws WrongUsageException, CannotStartException {
        ParseResult parsed = parse(args);
        CommandLine command = parsed.asCommandLineList().getLast();
        if (command.isUsageHelpRequested()) {
            Help.print(command, out);
            return 0;
        }
        if (command.isVersionHelpRequested()) {
            command.printVersionHelp(out);
            return 0;
        }
        Object chosen = command.getCommand();
        return switch (chosen) {
            case DemoCommand _ -> DemoCommand.run(out, stop, log);
            case CheckCommand check -> check.run(out, log);
            case DumpCommand dump -> dump.run(out, stop, log);
            case OffCommand off -> off.run(log);
            case DiffCommand diff -> diff.run(out, stop);
            case ViewCommand view -> view.run(out, log, stop);
            case RunCommand run -> run.run(parsed.asCommandLineList().getLast().getParseResult(), stop, out, log);
            case TopCommand top -> top.run(stop, err);
            case HelpCommand help -> help.run(command, out);
            default -> profile(out);
        };
    }

    private ParseResult parse(String... args) throws WrongUsageException {
        try {
            ParseResult parsed = parse(Commands.among(this, args), args);
            UsageErrors.requireNoOptionsInLists(parsed.asCommandLineList().getLast());
            return parsed;
        } catch (ParameterException _) {
            return parseAmongAll(args);
        }
    }

    /** A word that nobody knows may be meant for any command. */
    private ParseResult parseAmongAll(String... args) throws WrongUsageException {
        try {
            return parse(Commands.all(this), args);
        } catch (ParameterException e) {
            throw UsageErrors.of(e);
        }
    }

    private static ParseResult parse(CommandLine program, String... args) {
        return program.parseArgs(withTwoDashes(program, args));
    }

    /** The program's commands and options. */
    static CommandLine described() {
        return Commands.all(new Main(StopSignal.manual(), System.err));
    }

    /** Go's flags, which the first perf-agent had, take one dash for two: {@code -pid 4711}. */
    private static String[] withTwoDashes(CommandLine program, String... args) {
        Set<String> options = program.getCommandSpec().optionsMap().keySet();
        return Stream.of(args)
                .map(arg ->
                        arg.startsWith("-") && options.contains("-" + arg.replaceFirst("=.*", "")) ? "-" + arg : arg)
                .toArray(String[]::new);
    }

    private int profile(PrintStream out) throws WrongUsageException, CannotStartException {
        CountRequest count = CountRules.request(options);
        ProfileRequest request = RequestRules.request(options);
        List<PushTarget> stores = PushRules.targets(options.pushes);
        PushRules.requireWhole(options);
        if (options.verbose) {
            log.showDetails();
        }
        if (count == null) {
            profile(request, new PushOnce(stores, request.pids(), log));
        } else if (CountRules.alone(options)) {
            Preconditions.checkCounting(request);
            new CountingSession(request, count, stop, out, log).run();
        } else {
            Preconditions.check(request);
            CountingSession.profile(request, count, stop, out, log);
        }
        return 0;
    }

    private void profile(ProfileRequest request, PushOnce push) throws CannotStartException {
        FinishedInterval last = run(request);
        stop.nothingToUndo(); // a store may let us wait: Ctrl-C ends that
        push.send(last.profiles().stream().map(EventProfile::profile).toList());
    }

    private FinishedInterval run(ProfileRequest request) throws CannotStartException {
        try (PerfAgent agent = PerfAgent.ofCommand(request, stop, log)) {
            return agent.run();
        } catch (PerfAgentException e) {
            throw new CannotStartException(String.valueOf(e.getMessage()), e);
        }
    }
}
