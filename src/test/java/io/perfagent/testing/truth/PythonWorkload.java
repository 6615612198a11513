package io.perfagent.testing.truth;

import io.perfagent.testing.Interpreter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The programs whose functions and lines are known, and which interpreters can run them. */
public enum PythonWorkload {
    CHAIN(0.9),
    DEEP(0.9),
    THREADS(0.9),
    CALLBACKS(0.8),
    GENERATORS(0.9),
    COROUTINES(0.8),
    SWITCHES(0.9),
    GREENLETS(0.7),
    CHURN(0.7),
    NOGIL(0.9),
    SUBINTERPRETERS(0.9),
    RUNNING(0.95),
    NAMES(0.9),
    LINES(0.9);

    private final double leafShare;

    PythonWorkload(double leafShare) {
        this.leafShare = leafShare;
    }

    /** Of its samples at least so many have a leaf. */
    public double leafShare() {
        return leafShare;
    }

    public Path source() {
        return Path.of("src", "test", "workloads", name().toLowerCase(Locale.ROOT) + ".py")
                .toAbsolutePath();
    }

    /** What it wants to find in its environment. */
    public Map<String, String> environment(Interpreter interpreter) {
        return switch (this) {
            case SWITCHES, GREENLETS -> interpreter.withGreenlet();
            default -> Map.of();
        };
    }

    public PythonTruth truth(Interpreter interpreter) throws IOException {
        return PythonTruth.of(source(), interpreter.part(1));
    }

    /** Those that an interpreter has the modules for. */
    public static List<PythonWorkload> of(Interpreter interpreter) throws IOException, InterruptedException {
        List<PythonWorkload> workloads = new ArrayList<>();
        for (PythonWorkload workload : values()) {
            if (workload.runsOn(interpreter)) {
                workloads.add(workload);
            }
        }
        return workloads;
    }

    private boolean runsOn(Interpreter interpreter) throws IOException, InterruptedException {
        return switch (this) {
            case SWITCHES -> imports(interpreter, "greenlet");
            case GREENLETS -> imports(interpreter, "gevent");
            case SUBINTERPRETERS ->
                imports(interpreter, interpreter.part(1) >= 13 ? "_interpreters" : "_xxsubinterpreters");
            default -> true;
        };
    }

    private boolean imports(Interpreter interpreter, String module) throws IOException, InterruptedException {
        ProcessBuilder python = new ProcessBuilder(interpreter.command().toString(), "-c", "import " + module)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        python.environment().putAll(environment(interpreter));
        return python.start().waitFor() == 0;
    }
}
