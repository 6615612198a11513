package io.perfagent.safety;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Targets that are killed, end, or execute another program at a random moment of an injection: each must end as it would have.
 *
 * @param times for each interpreter and way to die
 */
record DyingTargets(int times) implements Scenario {
    private static final List<Workload> WORKLOADS =
            List.of(Workload.WAITS, Workload.ARITHMETIC, Workload.COMPRESSION, Workload.REGISTERS, Workload.CROWD);
    private static final int LIFE_MICROS = 25_000;
    private static final int STATUS_OF_SIGKILL = 137;
    private static final long REBIRTHS_MILLIS = 100;

    @Override
    public String title() {
        return "Targets that die or become another program, " + times + " times each way";
    }

    @Override
    public void run(Trial trial) throws IOException, InterruptedException {
        for (int time = 0; time < times; time++) {
            Workload workload = WORKLOADS.get(trial.below(WORKLOADS.size()));
            killed(trial, workload);
            ended(trial, workload);
        }
        reborn(trial);
    }

    private static void killed(Trial trial, Workload workload) throws IOException, InterruptedException {
        try (SelfCheckingTarget target = trial.start(workload);
                Switching _ = new Switching(trial, target.pid())) {
            trial.pause(LIFE_MICROS);
            target.kill();
            int status = target.status();
            trial.tally().count(status == STATUS_OF_SIGKILL ? null : notAsExpected(target, "killed", status));
            trial.tally().count("targets killed");
        }
    }

    private static void ended(Trial trial, Workload workload) throws IOException, InterruptedException {
        try (SelfCheckingTarget target = trial.start(workload);
                Switching _ = new Switching(trial, target.pid())) {
            trial.pause(LIFE_MICROS);
            target.endOfInput();
            int status = target.status();
            Harm harm = target.fault();
            trial.tally().count(harm == null && status != 0 ? notAsExpected(target, "told to end", status) : harm);
            trial.tally().count("targets ended");
        }
    }

    private void reborn(Trial trial) throws IOException, InterruptedException {
        try (SelfCheckingTarget target = trial.start(Workload.REBORN)) {
            try (Switching _ = new Switching(trial, target.pid())) {
                TimeUnit.MILLISECONDS.sleep(times * REBIRTHS_MILLIS);
            }
            Harm harm = target.goesOn();
            trial.tally().count(harm == null ? target.end() : harm);
        }
    }

    private static Harm notAsExpected(SelfCheckingTarget target, String how, int status) {
        return status < 0
                ? target.hang(how + ", and has not ended")
                : target.harm(Harm.Kind.DEATH, how + ", and ended with " + status);
    }
}
