package io.perfagent.safety;

import io.perfagent.procfs.ProcStat;
import io.perfagent.procfs.ProcStatus;
import io.perfagent.python.ActivationResult;
import io.perfagent.python.DeactivationResult;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.testing.Tool;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Targets that somebody else holds: strace, gdb, a SIGSTOP, or a parent that has not buried them. Refused, and served afterwards. */
record OtherHands() implements Scenario {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int TRIES = 4;

    @Override
    public String title() {
        return "Targets in other hands: strace, gdb, SIGSTOP, zombie";
    }

    @Override
    public void run(Trial trial) throws IOException, InterruptedException {
        traced(trial, Workload.COMPRESSION, true, "strace", "-f", "-q", "-o", "/dev/null", "-p");
        traced(trial, Workload.REGISTERS, false, "gdb", "-q", "-batch", "-ex", "shell sleep 2", "-p");
        stopped(trial);
        zombie(trial);
    }

    /** strace goes on until it is told to let go; gdb lets go by itself. */
    private static void traced(Trial trial, Workload workload, boolean endless, String... tracer)
            throws IOException, InterruptedException {
        try (SelfCheckingTarget target = trial.start(workload)) {
            if (refusedForGood(trial, target)) {
                return;
            }
            Process process = attach(tracer, target.pid());
            for (int tid : target.threads()) {
                await(tid, status -> !status.field("TracerPid").equals("0"));
            }
            expect(trial, target, trial.activate(target.pid()), InjectRefusal.PTRACE_EPERM);
            if (endless) {
                process.destroy();
            }
            process.waitFor();
            expectServed(trial, target);
        }
    }

    private static void stopped(Trial trial) throws IOException, InterruptedException {
        try (SelfCheckingTarget target = trial.start(Workload.REGISTERS)) {
            if (refusedForGood(trial, target)) {
                return;
            }
            send("STOP", target);
            await(target.pid(), status -> status.field("State").startsWith("T"));
            expect(trial, target, trial.activate(target.pid()), InjectRefusal.STOPPED);
            if (ProcStat.read(target.pid()).state() != 'T') {
                trial.tally().count(target.harm(Harm.Kind.OUTCOME, "runs although it was stopped"));
            }
            send("CONT", target);
            expectServed(trial, target);
        }
    }

    /** The shell becomes a sleep, which waits for no child. */
    private static void zombie(Trial trial) throws IOException, InterruptedException {
        String command = trial.interpreter().command().toString();
        Process parent =
                new ProcessBuilder("sh", "-c", "\"$1\" -c pass & echo $!; exec sleep 60", "sh", command).start();
        try (BufferedReader output = parent.inputReader(StandardCharsets.UTF_8)) {
            int pid = Integer.parseInt(output.readLine());
            await(pid, status -> status.field("State").startsWith("Z"));
            ActivationResult result = trial.activate(pid);
            boolean right = result instanceof ActivationResult.Refused refused
                    && refused.reason() == InjectRefusal.PROCESS_GONE;
            trial.tally().count(right ? null : new Harm(Harm.Kind.OUTCOME, "zombie", result.toString()));
        } finally {
            parent.destroyForcibly();
        }
    }

    /** A run before anybody else comes, which leaves it off. */
    private static boolean refusedForGood(Trial trial, SelfCheckingTarget target) {
        boolean refused =
                on(trial, target) instanceof ActivationResult.Refused result && Refused.forGood(result.reason());
        if (!refused) {
            off(trial, target);
        }
        return refused;
    }

    /** A machine that is busy may give no safe moment for as long as a switch waits: then it is tried again. */
    private static ActivationResult on(Trial trial, SelfCheckingTarget target) {
        ActivationResult result = trial.activate(target.pid());
        for (int tries = 1; tries < TRIES && timedOut(result); tries++) {
            result = trial.activate(target.pid());
        }
        return result;
    }

    private static DeactivationResult off(Trial trial, SelfCheckingTarget target) {
        DeactivationResult result = trial.deactivate(target.pid());
        for (int tries = 1; tries < TRIES && timedOut(result); tries++) {
            result = trial.deactivate(target.pid());
        }
        return result;
    }

    private static boolean timedOut(ActivationResult result) {
        return result instanceof ActivationResult.Refused refused && refused.reason() == InjectRefusal.TIMEOUT;
    }

    private static boolean timedOut(DeactivationResult result) {
        return result instanceof DeactivationResult.Failed failed && failed.reason() == InjectRefusal.TIMEOUT;
    }

    private static void expect(Trial trial, SelfCheckingTarget target, ActivationResult result, InjectRefusal reason) {
        boolean right = result instanceof ActivationResult.Refused refused && refused.reason() == reason;
        trial.tally().count(right ? null : target.harm(Harm.Kind.OUTCOME, result + " instead of " + reason));
    }

    private static void expectServed(Trial trial, SelfCheckingTarget target) throws IOException {
        Harm harm = target.goesOn();
        ActivationResult on = on(trial, target);
        DeactivationResult off = off(trial, target);
        if (harm == null
                && !(on instanceof ActivationResult.Activated && off instanceof DeactivationResult.Deactivated)) {
            harm = target.harm(Harm.Kind.OUTCOME, on + ", " + off + " afterwards");
        }
        trial.tally().count(harm == null ? target.end() : harm);
    }

    private static Process attach(String[] tracer, int pid) throws IOException {
        List<String> command = new ArrayList<>(List.of(tracer));
        command.add(Integer.toString(pid));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void send(String signal, SelfCheckingTarget target) throws IOException, InterruptedException {
        Tool.output("kill", "-" + signal, Integer.toString(target.pid()));
    }

    private static void await(int pid, Predicate<ProcStatus> condition) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.test(ProcStatus.read(pid))) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("process " + pid + " does not get there");
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }
}
