package io.perfagent.safety;

import io.perfagent.python.ActivationResult;
import java.io.IOException;
import java.util.List;

/**
 * On and off again at any moment of what targets do.
 *
 * @param times for each interpreter and workload
 */
record RandomInstants(List<Workload> workloads, int times) implements Scenario {
    private static final int PAUSE_MICROS = 8_000;
    private static final int ASK_EVERY = 4;

    @Override
    public String title() {
        return "On and off at random instants, " + times + " times on each of " + workloads.size() + " workloads";
    }

    @Override
    public void run(Trial trial) throws IOException {
        for (Workload workload : workloads) {
            try (SelfCheckingTarget target = trial.start(workload)) {
                if (disturb(trial, target)) {
                    trial.tally().count(target.end());
                }
            }
        }
    }

    /** False where there is nothing left to look at. */
    private boolean disturb(Trial trial, SelfCheckingTarget target) throws IOException {
        for (int time = 1; time <= times; time++) {
            trial.pause(PAUSE_MICROS);
            ActivationResult on = trial.activate(target.pid());
            trial.pause(PAUSE_MICROS);
            trial.deactivate(target.pid());
            Harm harm = time % ASK_EVERY == 0 || time == times ? target.goesOn() : target.look();
            if (harm != null) {
                trial.tally().count(harm);
                return false;
            }
            if (on instanceof ActivationResult.Refused refused && Refused.forGood(refused.reason())) {
                return true;
            }
        }
        return true;
    }
}
