package io.perfagent.python;

import io.perfagent.python.inject.Architecture;
import io.perfagent.python.inject.Injection;
import io.perfagent.python.inject.Interpreter;
import io.perfagent.python.inject.RefusedException;
import io.perfagent.python.inject.StopClock;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;

/**
 * Switches CPython's perf trampoline on and off in running processes, for one run: what it has on, no other switches. Every method blocks until the outcome is known, several
 * seconds at the most; targets are stopped for microseconds only. Safe for use by several threads.
 */
public final class PythonActivator implements AutoCloseable {
    private final Architecture architecture;
    private final ActivationGates gates;
    private final PythonInspector inspector;
    private final StopClock clock;
    private final RunLocks runs = new RunLocks();

    public PythonActivator() {
        this(HostArchitecture.current());
    }

    public PythonActivator(Architecture architecture) {
        this(architecture, EnumSet.allOf(ActivationGate.class), new StopClock());
    }

    /**
     * One that lets in what it should not, for tests of what each gate is good for.
     *
     * @param kept the gates that are not left out
     */
    public PythonActivator(Architecture architecture, Set<ActivationGate> kept) {
        this(architecture, kept, new StopClock());
    }

    /** Waits for safe moments as the clock says. */
    PythonActivator(Architecture architecture, StopClock clock) {
        this(architecture, EnumSet.allOf(ActivationGate.class), clock);
    }

    private PythonActivator(Architecture architecture, Set<ActivationGate> kept, StopClock clock) {
        this.architecture = architecture;
        this.clock = clock;
        this.gates = new ActivationGates(kept);
        this.inspector = new PythonInspector(architecture, gates);
    }

    /** Lets {@code calm} return before any thread of a target is stopped: while others fill the heap, a collection may prolong a stop. */
    public void stopOnlyAfter(Runnable calm) {
        clock.stopOnlyAfter(calm);
    }

    /** Whether a process can be activated. Stops nothing and changes nothing. */
    public Verdict inspect(int pid) {
        return inspector.inspect(pid).verdict();
    }

    /** Switches the trampoline on: functions called from now on get names. */
    public ActivationResult activate(int pid) {
        return switch (inspect(pid)) {
            case Verdict.Candidate candidate -> activate(candidate);
            case Verdict.Refused refused -> new ActivationResult.Refused(refused.reason(), refused.detail());
        };
    }

    /** The same, for one that has just been inspected. */
    public ActivationResult activate(Verdict.Candidate candidate) {
        Interpreter interpreter = candidate.interpreter();
        boolean held = runs.holds(interpreter);
        ActivationResult result = tryToActivate(candidate);
        if (result instanceof ActivationResult.Refused && !held) {
            runs.release(interpreter.pid());
        }
        return result;
    }

    private ActivationResult tryToActivate(Verdict.Candidate candidate) {
        Interpreter interpreter = candidate.interpreter();
        try {
            runs.take(interpreter);
            if (candidate.outlook().trampoline() == TrampolineState.ON
                    && candidate.outlook().onRecord()) {
                runs.requireNoRunAbove(interpreter);
            }
            return TracingThread.call(() -> activate(interpreter));
        } catch (RefusedException e) {
            return new ActivationResult.Refused(e.refusal(), e.detail());
        } catch (IOException e) {
            RefusedException refused = Refusals.of(interpreter, e);
            return new ActivationResult.Refused(refused.refusal(), refused.detail());
        }
    }

    /** Switches the trampoline off, whoever switched it on, unless another run is under way that has. */
    public DeactivationResult deactivate(int pid) {
        try {
            return deactivateFound(inspector.find(pid));
        } catch (RefusedException e) {
            return failed(e);
        } catch (IOException e) {
            return failed(Refusals.of(pid, e));
        }
    }

    private DeactivationResult deactivateFound(Interpreter interpreter) throws RefusedException {
        try {
            runs.take(interpreter);
            return TracingThread.call(() -> deactivate(interpreter));
        } catch (IOException e) {
            throw Refusals.of(interpreter, e);
        } finally {
            runs.release(interpreter.pid());
        }
    }

    /** The length of every stop so far, in ascending order. */
    public long[] stopNanos() {
        return clock.sorted();
    }

    /** Of all stops so far. */
    public StopTimes stops() {
        long[] nanos = stopNanos();
        int count = nanos.length;
        return count == 0 ? new StopTimes(0, 0, 0) : new StopTimes(count, nanos[(count - 1) / 2], nanos[count - 1]);
    }

    /** Lets other runs have the targets. Between calls none is attached to, and none is stopped. */
    @Override
    public void close() {
        runs.close();
    }

    private ActivationResult activate(Interpreter interpreter) throws IOException, RefusedException {
        try (Injection injection = Injection.open(interpreter, architecture, clock)) {
            return new Switch(interpreter, injection, architecture, gates).on();
        }
    }

    private DeactivationResult deactivate(Interpreter interpreter) throws IOException, RefusedException {
        try (Injection injection = Injection.open(interpreter, architecture, clock)) {
            return new Switch(interpreter, injection, architecture, gates).off();
        }
    }

    private static DeactivationResult failed(RefusedException e) {
        return switch (e.refusal()) {
            case PROCESS_GONE, NOT_PYTHON -> new DeactivationResult.ProcessGone();
            case FINALIZING -> new DeactivationResult.ProcessGone();
            case NO_PERF_TRAMPOLINE,
                    PYTHON_TOO_OLD,
                    NO_LIBPYTHON_SYMBOLS,
                    FREE_THREADED,
                    JIT_ENABLED,
                    PERF_JIT,
                    UNDECODABLE_NAMES,
                    FOREIGN_EVAL_FRAME,
                    NOT_INITIALIZED,
                    PTRACE_EPERM,
                    LIBRARY_NOT_FOUND,
                    TIMEOUT,
                    STOPPED,
                    BUSY,
                    REACTIVATION_UNSAFE,
                    FORK_UNSAFE,
                    SMALL_THREAD_STACK,
                    MEMORY_LIMIT,
                    MAP_UNWRITABLE,
                    MAP_DESCRIPTOR,
                    NO_EXECUTABLE_MEMORY,
                    SECCOMP,
                    UNSUPPORTED,
                    FAILED -> new DeactivationResult.Failed(e.refusal(), e.detail());
        };
    }
}
