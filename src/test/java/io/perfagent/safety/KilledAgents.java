package io.perfagent.safety;

import io.perfagent.procfs.ProcStatus;
import io.perfagent.python.ActivationResult;
import io.perfagent.python.DeactivationResult;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The agent gets a SIGKILL at a random microsecond of an injection: half of them anywhere in it, half as soon as the target is
 * seen to be traced or shortly after. The next run then goes its way or says why not, and leaves the trampoline off.
 *
 * @param kills for each interpreter and workload
 */
record KilledAgents(List<Workload> workloads, int kills) implements Scenario {
    private static final int ANYWHERE_MICROS = 15_000;
    /** A thread is asked after a tenth of a second. */
    private static final int ANYWHERE_WHERE_THREADS_ARE_ASKED_MICROS = 250_000;

    private static final int ATTEMPTS = 5;
    private static final int BETWEEN_ATTEMPTS_MICROS = 500_000;
    private static final int WHILE_TRACED_MICROS = 300;
    private static final long LOOK_OUT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    @Override
    public String title() {
        return "SIGKILL of the agent, " + kills + " times on each of " + workloads.size() + " workloads";
    }

    @Override
    public void run(Trial trial) throws IOException, InterruptedException {
        boolean refused = false;
        for (Workload workload : workloads) {
            if (workload == Workload.SORTING && !trial.interpreter().takesRequests()) {
                continue;
            }
            try (WaitingAgents agents = new WaitingAgents(refused ? 0 : kills);
                    SelfCheckingTarget target = trial.start(workload)) {
                refused = trial.activate(target.pid()) instanceof ActivationResult.Refused result
                        && Refused.forGood(result.reason());
                if (!refused) {
                    Harm harm = killAgents(trial, target, workload, agents);
                    trial.tally().count(harm == null ? target.end() : harm);
                }
            }
        }
    }

    private @Nullable Harm killAgents(Trial trial, SelfCheckingTarget target, Workload workload, WaitingAgents agents)
            throws IOException, InterruptedException {
        for (int kill = 0; kill < kills; kill++) {
            boolean whileTraced = kill % 2 == 0 && workload != Workload.SORTING;
            killOne(trial, target, agents.next(target.pid()), whileTraced, anywhere(workload));
            Harm harm = target.goesOn();
            if (harm == null) {
                harm = followUp(trial, target);
            }
            if (harm != null) {
                return harm;
            }
        }
        return null;
    }

    /** A refusal is an answer too; the last word is that it is off. */
    private static @Nullable Harm followUp(Trial trial, SelfCheckingTarget target) throws IOException {
        trial.activate(target.pid());
        int left = ATTEMPTS;
        while (trial.deactivate(target.pid()) instanceof DeactivationResult.Failed && --left > 0) {
            trial.pause(BETWEEN_ATTEMPTS_MICROS);
        }
        return target.becomes(false);
    }

    private static int anywhere(Workload workload) {
        return workload == Workload.SORTING ? ANYWHERE_WHERE_THREADS_ARE_ASKED_MICROS : ANYWHERE_MICROS;
    }

    private static void killOne(
            Trial trial, SelfCheckingTarget target, Process agent, boolean whileTraced, int anywhere)
            throws InterruptedException {
        try {
            if (whileTraced) {
                trial.tally().count(awaitTracer(target.threads()) ? "killed while tracing" : "killed");
                trial.pause(WHILE_TRACED_MICROS);
            } else {
                trial.tally().count("killed");
                trial.pause(anywhere);
            }
        } finally {
            agent.destroyForcibly();
            agent.waitFor();
        }
    }

    /** False where nothing was seen of one, or where the target is gone: what became of it is asked for later. */
    private static boolean awaitTracer(List<Integer> threads) {
        long deadline = System.nanoTime() + LOOK_OUT_NANOS;
        try {
            while (System.nanoTime() < deadline) {
                for (int tid : threads) {
                    if (!ProcStatus.read(tid).field("TracerPid").equals("0")) {
                        return true;
                    }
                }
            }
            return false;
        } catch (IOException _) {
            return false;
        }
    }
}
