package io.perfagent.safety;

import io.perfagent.python.ActivationGate;
import io.perfagent.python.PythonActivator;
import io.perfagent.python.inject.Architecture;
import io.perfagent.python.inject.x86_64.X86Architecture;
import io.perfagent.testing.Interpreter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Shows that the suite can fail: injectors and tracers with a fault, each of which must be noticed for what it is. */
final class PlantedFaults {
    private static final int TIMES = 8;
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
            Supplier<PythonActivator> activator,
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
            visitor("names taken that end programs", Surroundings.UNDECODABLE_DIRECTORY, without(ActivationGate.NAMES)),
            visitor(
                    "names taken that show within only",
                    Surroundings.UNDECODABLE_PATH,
                    with(FaultyArchitecture::takesAnyName)),
            visitor("small stacks taken", Surroundings.SMALL_STACK, without(ActivationGate.STACKS)),
            visitor(
                    "threads without Python taken for others",
                    Surroundings.THREAD_WITHOUT_PYTHON,
                    with(FaultyArchitecture::seesNoInterpreter)),
            visitor("little memory taken", Surroundings.MEMORY_LIMIT, without(ActivationGate.MEMORY)),
            visitor(
                    "a map in the place of standard error",
                    Surroundings.CLOSED_STANDARD_ERROR,
                    without(ActivationGate.MAP_DESCRIPTOR)),
            visitor("a jitdump cut off", Surroundings.JIT_DUMP, without(ActivationGate.PERF_JIT)),
            new Fault(
                    "a run that does not keep the others away",
                    Workload.COMPRESSION,
                    Surroundings.ORDINARY,
                    Harm.Kind.OUTCOME,
                    PythonActivator::new,
                    PlantedFaults::letOthersIn),
            tracer("a signal swallowed", Workload.SIGNALS, Harm.Kind.SIGNAL, BadTracer::swallowSignal),
            tracer(
                    "registers that only the killed tracer would restore",
                    Workload.ARITHMETIC,
                    Harm.Kind.DEATH,
                    BadTracer::hijackAndDie));

    private final List<Interpreter> interpreters;

    PlantedFaults(List<Interpreter> interpreters) {
        this.interpreters = interpreters;
    }

    /** The names of those that went unnoticed, or were taken for something else. */
    List<String> unnoticed() throws Exception {
        List<String> unnoticed = new ArrayList<>();
        System.out.println("\nPlanted faults");
        for (Fault fault : FAULTS) {
            Interpreter interpreter = concerned(fault.surroundings());
            Harm harm = plant(fault, interpreter);
            for (int target = 1; target < MAX_TARGETS && harm == null; target++) {
                harm = plant(fault, interpreter);
            }
            System.out.println("  " + fault.name() + ", on " + interpreter + ": "
                    + (harm == null ? "NOT NOTICED" : "noticed as " + harm));
            if (harm == null || harm.kind() != fault.expected()) {
                unnoticed.add(fault.name());
            }
        }
        return unnoticed;
    }

    /** The first that is refused there; the first of all where none is. */
    private Interpreter concerned(Surroundings surroundings) {
        return Stream.concat(interpreters.stream(), Interpreter.oneOfEachVersion().stream())
                .filter(interpreter -> !surroundings.serves(interpreter))
                .findFirst()
                .orElse(interpreters.getFirst());
    }

    private static @Nullable Harm plant(Fault fault, Interpreter interpreter) throws Exception {
        try (PythonActivator faulty = fault.activator().get();
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
        return new Fault(name, workload, surroundings, expected, with(faulty), (trial, target) -> {
            for (int time = 0; time < TIMES && target.look() == null; time++) {
                trial.activate(target.pid());
                trial.deactivate(target.pid());
                trial.pause(4_000);
            }
            return null;
        });
    }

    /** Injectors that go where they should not, or not where they should. */
    private static Fault visitor(String name, Surroundings surroundings, Supplier<PythonActivator> faulty) {
        return new Fault(
                name,
                Workload.COMPRESSION,
                surroundings,
                Harm.Kind.OUTCOME,
                faulty,
                (trial, target) -> Elsewhere.visit(trial, target, surroundings));
    }

    private static Supplier<PythonActivator> with(Supplier<Architecture> faulty) {
        return () -> new PythonActivator(faulty.get());
    }

    private static Supplier<PythonActivator> without(ActivationGate gate) {
        return () -> new PythonActivator(new X86Architecture(), EnumSet.complementOf(EnumSet.of(gate)));
    }

    private static @Nullable Harm letOthersIn(Trial trial, SelfCheckingTarget target) throws IOException {
        try (PythonActivator second = new PythonActivator()) {
            return TwoAgents.inTurn(trial, new Trial(trial.interpreter(), second, new Random(1)), target, trial::close);
        }
    }

    /** What a tracer holds when its thread ends, the kernel lets go. */
    private static Fault tracer(String name, Workload workload, Harm.Kind expected, Tracing tracing) {
        return new Fault(name, workload, Surroundings.ORDINARY, expected, PythonActivator::new, (_, target) -> {
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
