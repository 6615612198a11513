package io.perfagent.safety;

import io.perfagent.python.PythonActivator;
import io.perfagent.python.inject.Architecture;
import io.perfagent.python.inject.x86_64.X86Architecture;
import io.perfagent.testing.Interpreter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Shows that the suite can fail: injectors and tracers with a fault, each of which must be noticed for what it is. */
final class PlantedFaults {
    private static final int TIMES = 40;
    /** What does harm may be done once in a process only, as setting up the trampolines is, and that at a harmless moment. */
    private static final int MAX_TARGETS = 10;

    /** Something faulty that happens to a target. */
    @FunctionalInterface
    private interface Cause {
        @Nullable
        Harm happen(Trial trial, SelfCheckingTarget target) throws Exception;
    }

    /** What a fault is to be noticed as. */
    private record Fault(
            String name,
            Workload workload,
            Surroundings surroundings,
            Harm.Kind expected,
            Supplier<Architecture> architecture,
            Cause cause) {}

    private static final List<Fault> FAULTS = List.of(
            injector(
                    "vector state not restored",
                    Workload.REGISTERS,
                    Harm.Kind.STATE,
                    FaultyArchitecture::forgetsVectors),
            injector(
                    "signals left blocked",
                    Workload.SIGNALS,
                    Harm.Kind.SIGNAL,
                    FaultyArchitecture::leavesSignalsBlocked),
            injector("calls not entered again", Workload.WAITS, Harm.Kind.TIME, FaultyArchitecture::interruptsCalls),
            injector("map left open", Workload.DESCRIPTORS, Harm.Kind.FOREIGN, FaultyArchitecture::leavesTheMapOpen),
            injector(
                    "a subinterpreter's thread taken for the main one's",
                    Workload.GUESTS,
                    Harm.Kind.FOREIGN,
                    FaultyArchitecture::takesAnyInterpreter),
            injector(
                    "executable memory asked for in vain, and aloud",
                    Workload.COMPRESSION,
                    Surroundings.MEMORY_DENY_WRITE_EXECUTE,
                    Harm.Kind.PRINTED,
                    FaultyArchitecture::asksForExecutableMemory),
            new Fault(
                    "a run that does not keep the others away",
                    Workload.COMPRESSION,
                    Surroundings.ORDINARY,
                    Harm.Kind.OUTCOME,
                    X86Architecture::new,
                    PlantedFaults::letOthersIn),
            tracer("a signal swallowed", Workload.SIGNALS, Harm.Kind.SIGNAL, BadTracer::swallowSignal),
            tracer(
                    "registers that only the killed tracer would restore",
                    Workload.ARITHMETIC,
                    Harm.Kind.DEATH,
                    BadTracer::hijackAndDie));

    private final Interpreter interpreter;

    PlantedFaults(Interpreter interpreter) {
        this.interpreter = interpreter;
    }

    /** The names of those that went unnoticed, or were taken for something else. */
    List<String> unnoticed() throws Exception {
        List<String> unnoticed = new ArrayList<>();
        System.out.println("\nPlanted faults, on " + interpreter);
        for (Fault fault : FAULTS) {
            Harm harm = plant(fault);
            for (int target = 1; target < MAX_TARGETS && harm == null; target++) {
                harm = plant(fault);
            }
            System.out.println("  " + fault.name() + ": " + (harm == null ? "NOT NOTICED" : "noticed as " + harm));
            if (harm == null || harm.kind() != fault.expected()) {
                unnoticed.add(fault.name());
            }
        }
        return unnoticed;
    }

    private @Nullable Harm plant(Fault fault) throws Exception {
        try (PythonActivator faulty = new PythonActivator(fault.architecture().get());
                SelfCheckingTarget target =
                        SelfCheckingTarget.start(interpreter, fault.workload(), fault.surroundings())) {
            Trial trial = new Trial(interpreter, faulty, new Random(1));
            Harm harm = fault.cause().happen(trial, target);
            harm = harm == null ? target.goesOn() : harm;
            return harm == null ? target.end() : harm;
        }
    }

    private static Fault injector(String name, Workload workload, Harm.Kind expected, Supplier<Architecture> faulty) {
        return injector(name, workload, Surroundings.ORDINARY, expected, faulty);
    }

    private static Fault injector(
            String name,
            Workload workload,
            Surroundings surroundings,
            Harm.Kind expected,
            Supplier<Architecture> faulty) {
        return new Fault(name, workload, surroundings, expected, faulty, (trial, target) -> {
            for (int time = 0; time < TIMES && target.look() == null; time++) {
                trial.activate(target.pid());
                trial.deactivate(target.pid());
                trial.pause(4_000);
            }
            return null;
        });
    }

    private static @Nullable Harm letOthersIn(Trial trial, SelfCheckingTarget target) throws IOException {
        try (PythonActivator second = new PythonActivator()) {
            return TwoAgents.inTurn(trial, new Trial(trial.interpreter(), second, new Random(1)), target, trial::close);
        }
    }

    /** What a tracer holds when its thread ends, the kernel lets go. */
    private static Fault tracer(String name, Workload workload, Harm.Kind expected, Tracing tracing) {
        return new Fault(name, workload, Surroundings.ORDINARY, expected, X86Architecture::new, (_, target) -> {
            FutureTask<Void> task = new FutureTask<>(() -> {
                tracing.of(target.pid());
                return null;
            });
            Thread thread = Thread.ofPlatform().start(task);
            task.get();
            thread.join();
            return null;
        });
    }

    @FunctionalInterface
    private interface Tracing {
        void of(int pid) throws Exception;
    }
}
