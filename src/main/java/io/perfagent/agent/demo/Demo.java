package io.perfagent.agent.demo;

import io.perfagent.agent.Preconditions;
import io.perfagent.agent.ProfilingSession;
import io.perfagent.agent.SessionResult;
import io.perfagent.agent.StopSignal;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.Format;
import io.perfagent.model.Output;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.PythonFrameMode;
import io.perfagent.model.UnwindMode;
import io.perfagent.output.CallTree;
import io.perfagent.report.Log;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Profiles a web shop under load, as one would one's own service, and tells what came out. */
public final class Demo {
    private static final Duration DURATION = Duration.ofSeconds(10);
    private static final int SAMPLE_RATE = 99;
    private static final int TREE_LINES = 20;
    private static final Path OUTPUT = Path.of("perf-agent-demo.pb.gz");
    private static final Path PAGE = Path.of("perf-agent-demo.html");

    private Demo() {}

    /** Runs the demo; returns the exit status. */
    public static int run(PrintStream out, StopSignal stop, Log log) throws CannotStartException {
        DemoPython python = DemoPython.find();
        try (DemoService service = DemoService.start(python.command())) {
            out.println("A web shop under load runs on " + python.command() + " as process " + service.pid() + ".");
            out.println("perf-agent --profile --pid " + service.pid() + " --duration " + DURATION.toSeconds() + "s"
                    + (python.trampoline() ? " --inject-python" : "") + " -o " + OUTPUT + " -o " + PAGE);
            ProfileRequest request = request(service.pid(), python.trampoline());
            Preconditions.check(request);
            return report(out, new ProfilingSession(request, stop, log).run());
        }
    }

    private static ProfileRequest request(int pid, boolean trampoline) {
        return new ProfileRequest(
                List.of(pid),
                false,
                true,
                DURATION,
                SAMPLE_RATE,
                UnwindMode.AUTO,
                PythonFrameMode.AUTO,
                trampoline,
                false,
                List.of(new Output(OUTPUT, Format.PPROF), new Output(PAGE, Format.HTML)),
                List.of("demo=shop"),
                null);
    }

    private static int report(PrintStream out, SessionResult result) {
        out.println();
        DemoReport.print(out, result, result.file(), PAGE, CallTree.lines(result.profile(), TREE_LINES));
        return 0;
    }
}
