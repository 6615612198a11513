package io.perfagent.safety;

import io.perfagent.python.ActivationResult;
import io.perfagent.python.DeactivationResult;
import io.perfagent.testing.PerfMaps;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Run after run on one process: every one of them succeeds, nothing grows, no function is named twice.
 *
 * @param runs one after the other
 */
record Endurance(int runs) implements Scenario {
    private static final int WARM_UP = 20;
    private static final int MAX_GROWTH_KIBIBYTES = 1024;

    @Override
    public String title() {
        return runs + " runs on one process";
    }

    @Override
    public void run(Trial trial) throws IOException {
        try (SelfCheckingTarget target = trial.start(Workload.ARITHMETIC)) {
            if (trial.activate(target.pid()) instanceof ActivationResult.Refused refused
                    && Refused.forGood(refused.reason())) {
                return;
            }
            trial.deactivate(target.pid());
            Harm harm = endure(trial, target);
            trial.tally().count(harm == null ? target.end() : harm);
        }
    }

    private @Nullable Harm endure(Trial trial, SelfCheckingTarget target) throws IOException {
        int before = 0;
        for (int run = 0; run < WARM_UP + runs; run++) {
            if (run == WARM_UP) {
                before = target.residentKibibytes();
            }
            Harm harm = oneRun(trial, target);
            if (harm != null) {
                return harm;
            }
        }
        return growth(trial, target, before);
    }

    private static @Nullable Harm oneRun(Trial trial, SelfCheckingTarget target) throws IOException {
        ActivationResult on = trial.activate(target.pid());
        if (!(on instanceof ActivationResult.Activated)) {
            return target.harm(Harm.Kind.OUTCOME, on.toString());
        }
        trial.pause(2_000);
        DeactivationResult off = trial.deactivate(target.pid());
        if (!(off instanceof DeactivationResult.Deactivated)) {
            return target.harm(Harm.Kind.OUTCOME, off.toString());
        }
        return target.look();
    }

    private static @Nullable Harm growth(Trial trial, SelfCheckingTarget target, int before) throws IOException {
        Harm harm = target.goesOn();
        int after = target.residentKibibytes();
        List<String> lines = Files.readAllLines(PerfMaps.path(target.pid()));
        Set<String> distinct = new HashSet<>(lines);
        trial.tally().note("RSS " + before + " KiB before, " + after + " after; " + lines.size() + " lines in the map");
        if (harm == null && after - before > MAX_GROWTH_KIBIBYTES) {
            return target.harm(Harm.Kind.OUTCOME, "grew by " + (after - before) + " KiB");
        }
        return harm == null && distinct.size() < lines.size()
                ? target.harm(Harm.Kind.OUTCOME, lines.size() - distinct.size() + " lines twice in the map")
                : harm;
    }
}
