package io.perfagent.safety;

import io.perfagent.python.ActivationResult;
import io.perfagent.python.DeactivationResult;
import io.perfagent.python.PythonActivator;
import io.perfagent.testing.Interpreter;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A scenario's means: an interpreter to start targets with, somebody who activates them, chance, and a sheet to write on. */
final class Trial {
    private final Interpreter interpreter;
    private final PythonActivator activator;
    private final Random random;
    private final Tally tally = new Tally();

    Trial(Interpreter interpreter, PythonActivator activator, Random random) {
        this.interpreter = interpreter;
        this.activator = activator;
        this.random = random;
    }

    Interpreter interpreter() {
        return interpreter;
    }

    Tally tally() {
        return tally;
    }

    SelfCheckingTarget start(Workload workload) throws IOException {
        return SelfCheckingTarget.start(interpreter, workload, Surroundings.ORDINARY);
    }

    SelfCheckingTarget start(Workload workload, Surroundings surroundings) throws IOException {
        return SelfCheckingTarget.start(interpreter, workload, surroundings);
    }

    ActivationResult activate(int pid) {
        ActivationResult result = activator.activate(pid);
        tally.count(result);
        return result;
    }

    DeactivationResult deactivate(int pid) {
        DeactivationResult result = activator.deactivate(pid);
        tally.count(result);
        return result;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    /** A moment that nobody has chosen. */
    void pause(int atMostMicros) {
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(atMostMicros)));
    }

    void close() {
        tally.stops(activator.stops());
        activator.close();
    }
}
