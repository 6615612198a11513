package io.perfagent.agent;

import io.perfagent.model.Format;
import io.perfagent.model.Output;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.PythonFrameMode;
import io.perfagent.model.Sample;
import io.perfagent.model.UnwindMode;
import io.perfagent.report.Log;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** The samples of a run as the kernel side sends them. */
public final class RawSamples {
    private static final int RATE = 999;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private RawSamples() {}

    /** Hands over each of a process's samples, on the thread that reads them, up to so many that are wanted. */
    public static void of(int pid, int wanted, Predicate<Sample> each) throws Exception {
        Path file = Files.createTempFile("raw-", ".pb.gz");
        try {
            ProfileRequest request = new ProfileRequest(
                    List.of(pid),
                    false,
                    true,
                    PATIENCE,
                    RATE,
                    UnwindMode.AUTO,
                    PythonFrameMode.AUTO,
                    false,
                    false,
                    List.of(new Output(file, Format.PPROF)),
                    List.of(),
                    null);
            AtomicInteger taken = new AtomicInteger();
            StopSignal enough = StopSignal.manual();
            Log log = new Log(new PrintStream(new ByteArrayOutputStream(), true));
            var _ = new ProfilingSession(request, enough, log, sink -> (sample, copy) -> {
                        if (sample.pid() == pid && each.test(sample) && taken.incrementAndGet() == wanted) {
                            enough.request();
                        }
                        sink.accept(sample, copy);
                    })
                    .run();
        } finally {
            Files.deleteIfExists(file);
        }
    }
}
