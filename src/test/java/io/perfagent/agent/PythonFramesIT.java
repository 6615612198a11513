package io.perfagent.agent;

import io.perfagent.model.Format;
import io.perfagent.output.Encoder;
import io.perfagent.output.proto.ProfileProto;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.truth.PythonWorkload;
import io.perfagent.testing.truth.Verdict;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Python functions and lines in a run that does nothing to its target, on workloads whose truth is known, 3.6 and newer: what ran when
 * the run began is named, and what has released the GIL is.
 */
class PythonFramesIT {
    private static final double SHARE = 0.999;
    private static final int SAMPLES = Interpreter.everyOne() ? 3000 : 800;
    private static final int ENOUGH = 300;

    /** In the short form each version runs two of the workloads, others than the version before it. */
    static List<Arguments> runs() throws Exception {
        List<Arguments> runs = new ArrayList<>();
        for (Interpreter interpreter : Interpreter.everyOne() ? Interpreter.readable() : Interpreter.oneOfEachMinor()) {
            List<PythonWorkload> workloads = PythonWorkload.of(interpreter);
            int first = 2 * interpreter.part(1);
            for (int i = 0; i < (Interpreter.everyOne() ? workloads.size() : 2); i++) {
                runs.add(Arguments.of(interpreter, workloads.get((first + i) % workloads.size())));
            }
        }
        return runs;
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("runs")
    void functionsAndLinesAreTrue(Interpreter interpreter, PythonWorkload workload) throws Exception {
        List<String> command =
                List.of(interpreter.command().toString(), workload.source().toString());
        try (TargetProgram target = TargetProgram.start(workload.environment(interpreter), command)) {
            ProfiledRun run = ProfiledRun.reading(target.pid(), false, SAMPLES);
            Verdict verdict = workload.truth(interpreter).judge(encoded(run), target.pid());
            System.out.println(interpreter + " " + workload + ": " + verdict);
            verdict.expect(SHARE, workload.leafShare(), ENOUGH);
        }
    }

    private static ProfileProto.Profile encoded(ProfiledRun run) throws Exception {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        Encoder.of(Format.PPROF).write(run.profile(), file);
        return ProfileProto.Profile.parseFrom(new GZIPInputStream(new ByteArrayInputStream(file.toByteArray())));
    }
}
