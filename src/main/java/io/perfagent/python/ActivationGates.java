package io.perfagent.python;

import io.perfagent.model.Mapping;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.python.inject.Architecture;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Interpreter;
import io.perfagent.python.inject.NamesInUtf8;
import io.perfagent.python.inject.RefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What speaks against switching the trampoline on. A run keeps every gate; the safety suite leaves one out, to see what comes of it. */
final class ActivationGates {
    private static final String JIT = "PYTHON_JIT=";
    /** CPython maps the first page of what it writes for perf, so that perf's recording has its name (3.13 and later). */
    private static final Pattern JIT_DUMP = Pattern.compile(".*/jit-\\d+\\.dump");

    private final Set<ActivationGate> kept;

    ActivationGates(Set<ActivationGate> kept) {
        this.kept = kept;
    }

    static ActivationGates all() {
        return new ActivationGates(EnumSet.allOf(ActivationGate.class));
    }

    /** Of the version, which holds whatever state the process is in. */
    static void checkVersion(Interpreter interpreter) throws RefusedException {
        if (crashesOnFork(interpreter.minor(), interpreter.micro())) {
            throw new RefusedException(
                    InjectRefusal.FORK_UNSAFE,
                    "CPython " + interpreter.versionText() + " crashes when a process with the trampoline on forks");
        }
    }

    /** Of the process. One whose trampoline is on already has passed them, or has been lucky. */
    void checkProcess(Interpreter interpreter, Architecture architecture) throws IOException, RefusedException {
        int pid = interpreter.pid();
        for (ActivationGate gate : kept) {
            switch (gate) {
                case JIT -> checkJit(interpreter);
                case STACKS -> checkStacks(interpreter, architecture);
                case NAMES -> checkNames(interpreter);
                case MEMORY -> refuse(InjectRefusal.MEMORY_LIMIT, MemoryLimit.obstacle(pid));
                case MAP_PLACE -> refuse(InjectRefusal.MAP_UNWRITABLE, MapPlace.obstacle(pid));
                case MAP_DESCRIPTOR -> refuse(InjectRefusal.MAP_UNWRITABLE, MapDescriptor.obstacle(pid));
                case PERF_JIT -> {} // of one whose trampoline is on
            }
        }
    }

    private static void refuse(InjectRefusal reason, @Nullable String obstacle) throws RefusedException {
        if (obstacle != null) {
            throw new RefusedException(reason, obstacle);
        }
    }

    private static void checkNames(Interpreter interpreter) throws IOException, RefusedException {
        String undecodable = NamesInUtf8.required(interpreter) ? UndecodableNames.of(interpreter.pid()) : null;
        if (undecodable != null) {
            throw NamesInUtf8.refused(interpreter, undecodable);
        }
    }

    /** Of one whose trampoline is on, not by us: what is called first after it is off would be missing in the dump. */
    void checkPerfJit(int pid) throws IOException, RefusedException {
        if (!kept.contains(ActivationGate.PERF_JIT)) {
            return;
        }
        for (Mapping mapping : ProcMaps.readExecutable(pid)) {
            if (JIT_DUMP.matcher(mapping.path()).matches()) {
                throw new RefusedException(
                        InjectRefusal.PERF_JIT,
                        "it writes " + mapping.path() + " for perf (-X perf_jit), and is left to that");
            }
        }
    }

    static boolean crashesOnFork(int minor, int micro) {
        return switch (minor) {
            case 12 -> micro == 0;
            case 13 -> micro >= 12 && micro <= 13;
            case 14 -> micro >= 3 && micro <= 5;
            default -> false;
        };
    }

    /**
     * Whether a child may initialise the trampoline that its parent had initialised, and off when it forked. Tried on 3.12.1, 3.13.0 and
     * 3.13.5; on 3.13.18, 3.14.3, 3.14.10 and 3.15.2 it crashes once code objects die.
     */
    static boolean childrenMayInitialise(int minor, int micro) {
        return minor == 12 || (minor == 13 && micro <= 5);
    }

    /**
     * Bytes of stack on which Python functions can call each other 1000 deep, the recursion limit unless the program changes it, once each
     * call is a call in C as well; 0 from 3.14 on, where a RecursionError comes in time. Measured on 3.12.1, 3.13.0, 3.13.5 and 3.13.18:
     *
     * <pre>
     *                        3.12, off → on       3.13, off → on
     *   plain functions      47 → 463 KiB         47 → 671 KiB
     *   properties           47 → 447 KiB         47 → 735 KiB
     *   __getattr__         512 → 576 KiB        704 → 832 KiB
     * </pre>
     */
    static long stackNeeded(int minor) {
        return switch (minor) {
            case 12 -> 640 << 10;
            case 13 -> 1024 << 10;
            default -> 0;
        };
    }

    private static void checkStacks(Interpreter interpreter, Architecture architecture)
            throws IOException, RefusedException {
        long needed = stackNeeded(interpreter.minor());
        long smallest = needed == 0 ? 0 : ThreadStacks.smallestBelow(needed, interpreter, architecture);
        if (smallest > 0) {
            throw new RefusedException(
                    InjectRefusal.SMALL_THREAD_STACK,
                    "a thread has a stack of " + (smallest >> 10) + " KiB; with the trampoline on, CPython 3."
                            + interpreter.minor() + " can need " + (needed >> 10) + " KiB");
        }
    }

    /** The variable is read when the interpreter starts. One that is built with the JIT on needs none: it says no when asked. */
    private static void checkJit(Interpreter interpreter) throws IOException, RefusedException {
        if (!interpreter.jit()) {
            return;
        }
        byte[] environment = Files.readAllBytes(Path.of("/proc", Integer.toString(interpreter.pid()), "environ"));
        for (String variable : new String(environment, StandardCharsets.UTF_8).split("\0", -1)) {
            if (variable.startsWith(JIT) && !variable.equals(JIT) && !variable.equals(JIT + "0")) {
                throw jitEnabled(variable + " is set");
            }
        }
    }

    /** The trampoline was asked for, and is not on. */
    static RefusedException notSwitchedOn(Interpreter interpreter) {
        if (interpreter.jit()) {
            return jitEnabled("the interpreter did not switch it on");
        }
        return new RefusedException(
                InjectRefusal.NO_PERF_TRAMPOLINE, "the interpreter did not switch the trampoline on");
    }

    private static RefusedException jitEnabled(String how) {
        return new RefusedException(InjectRefusal.JIT_ENABLED, "CPython has no trampoline while its JIT is on: " + how);
    }
}
