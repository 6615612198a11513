package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.model.Budget;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.UnwindMode;
import io.perfagent.report.Log;
import io.perfagent.sample.SampleSink;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A fault of ours on any thread of a run ends the run: it is shown, no profile says anything, the target is as it was. */
class FailingRunIT {
    private static final Path CHAIN =
            Path.of("src", "test", "workloads", "chain.py").toAbsolutePath();
    private static final int SAMPLES_BEFORE = 50;
    /** A run that does not notice goes on for so long, and then ends as if nothing had been. */
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private TargetProgram target;

    @BeforeEach
    void startTarget() throws Exception {
        target = TargetProgram.start(
                TargetProgram.PACED,
                List.of(Interpreter.oneOfEachVersion().getFirst().command().toString(), CHAIN.toString()));
    }

    @AfterEach
    void stopTarget() throws Exception {
        target.close();
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of((Supplier<Throwable>) () -> new IllegalStateException("planted")),
                Arguments.of((Supplier<Throwable>) () -> new OutOfMemoryError("planted")));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void whereSamplesAreRead(Supplier<Throwable> fault) throws Exception {
        AtomicInteger seen = new AtomicInteger();
        UnaryOperator<SampleSink> way = sink -> (sample, copy) -> {
            if (seen.incrementAndGet() > SAMPLES_BEFORE) {
                throwIt(fault.get());
            }
            sink.accept(sample, copy);
        };
        expectFailure(request(target.pid()), new ByteArrayOutputStream(), way, "reading samples failed");
        assertThat(seen).as("nothing is read after the fault").hasValue(SAMPLES_BEFORE + 1);
    }

    /** What comes last of all that a run opens cannot be had. */
    @Test
    void whereTheWalkerIsLoaded() throws Exception {
        List<String> before = descriptors();
        UnaryOperator<SampleSink> way = _ -> {
            throw new IllegalStateException("planted");
        };
        assertThatThrownBy(() -> Sampling.load(request(target.pid()), List.of(), Budget.ofHeap(), way))
                .hasMessage("planted");
        assertThat(descriptors()).isEqualTo(before);
    }

    /** It is loaded, and whoever is to have it first fails. */
    @Test
    void whereTheLoadedWalkerIsHandedOver() throws Exception {
        List<String> before = descriptors();
        SamplingLoader loading =
                new SamplingLoader(request(target.pid()), List.of(), Budget.ofHeap(), UnaryOperator.identity(), _ -> {
                    throw new IllegalStateException("planted");
                });
        assertThatThrownBy(loading::get).hasMessage("planted");
        loading.close();
        assertThat(descriptors()).isEqualTo(before);
    }

    /** The last samples are read when sampling has ended: nobody looks in the run's loop any more. */
    @Test
    void whereTheLastSamplesAreRead() throws Exception {
        StopSignal stop = StopSignal.manual();
        UnaryOperator<SampleSink> way = sink -> (sample, copy) -> {
            stop.request();
            throw new IllegalStateException("planted");
        };
        ProfilingSession session = new ProfilingSession(request(target.pid()), stop, new Log(System.err), way);
        expectFailure(session, "reading samples failed");
    }

    /** A switch has a thread of its own, begun by the one that finds what comes up. */
    @Test
    void whereAChildIsSwitchedOn() throws Exception {
        String parents = "import subprocess, sys\nprint('ready', flush=True)\n"
                + "while True: subprocess.call([sys.executable, '-c', sys.argv[1]])";
        String childs = "import time\nfor _ in range(30): time.sleep(0.1)";
        String python = Interpreter.oneOfEachVersion().getFirst().command().toString();
        try (TargetProgram parent = TargetProgram.start(Map.of(), List.of(python, "-c", parents, childs))) {
            String own = "activated pid=" + parent.pid();
            PrintStream failing = new PrintStream(new ByteArrayOutputStream(), true) {
                @Override
                public void print(String line) {
                    if (line.contains("python inject activated") && !line.contains(own)) {
                        throw new IllegalStateException("planted");
                    }
                }
            };
            ProfilingSession session = new ProfilingSession(
                    request(parent.pid()), StopSignal.manual(), new Log(failing), UnaryOperator.identity());
            expectFailure(session, "looking for interpreters failed");
        }
    }

    private void expectFailure(
            ProfileRequest request, ByteArrayOutputStream log, UnaryOperator<SampleSink> way, String message)
            throws Exception {
        expectFailure(
                new ProfilingSession(request, StopSignal.manual(), new Log(new PrintStream(log, true)), way), message);
        assertThat(PythonTruthIT.field(target.report(), "active")).isEqualTo("False");
        assertThat(log.toString(StandardCharsets.UTF_8)).contains("python inject activated");
    }

    private void expectFailure(ProfilingSession session, String message) throws Exception {
        assertThatThrownBy(session::run)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(message)
                .hasRootCauseMessage("planted");
        assertThat(directory).isEmptyDirectory();
        assertThat(bpfDescriptors()).as("BPF objects that are left").isEmpty();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain(
                        "sample-reader", "process-watch", "rewalk", "namer", "python-arrivals", "python-switch");
    }

    private ProfileRequest request(int pid) {
        return new ProfileRequest(
                List.of(pid),
                false,
                true,
                LONG,
                999,
                UnwindMode.AUTO,
                true,
                false,
                directory.resolve("none.pb.gz"),
                List.of());
    }

    private static void throwIt(Throwable fault) {
        switch (fault) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError(fault);
        }
    }

    /** Of this process: programs, maps and links are descriptors. */
    private static List<String> bpfDescriptors() throws IOException {
        return descriptors().stream().filter(name -> name.contains("bpf")).toList();
    }

    /** What those that the kernel made without a file lead to: BPF objects, perf events. */
    private static List<String> descriptors() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .map(FailingRunIT::leadsTo)
                    .filter(name -> name.startsWith("anon_inode:"))
                    .sorted()
                    .toList();
        }
    }

    private static String leadsTo(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException _) {
            return ""; // closed meanwhile
        }
    }
}
