package io.perfagent.safety;

import io.perfagent.python.ActivationResult;
import io.perfagent.python.DeactivationResult;
import io.perfagent.python.PythonActivator;
import io.perfagent.python.inject.InjectRefusal;
import java.io.IOException;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Two runs on one process: while one has it on the other is refused, and served afterwards. Then both try again and again without regard
 * for each other, and what one has switched on is still on when it switches it off.
 *
 * @param times that each of them tries
 */
record TwoAgents(int times) implements Scenario {
    private static final int PAUSE_MICROS = 5_000;

    @Override
    public String title() {
        return "Two agents on one process, " + times + " times each";
    }

    @Override
    public void run(Trial trial) throws IOException, InterruptedException {
        try (SelfCheckingTarget target = trial.start(Workload.COMPRESSION);
                PythonActivator second = new PythonActivator()) {
            Trial other = new Trial(trial.interpreter(), second, new Random(trial.below(Integer.MAX_VALUE)));
            Harm harm = inTurn(trial, other, target, () -> {});
            if (harm == null) {
                Thread beside = Thread.ofPlatform().start(() -> regardless(other, target));
                regardless(trial, target);
                beside.join();
                other.tally().harms().forEach(trial.tally()::count);
                harm = target.becomes(false);
            }
            trial.tally().count(harm == null ? target.end() : harm);
        }
    }

    /** @param meanwhile what happens to the first once it has the target on */
    static @Nullable Harm inTurn(Trial first, Trial second, SelfCheckingTarget target, Runnable meanwhile)
            throws IOException {
        ActivationResult on = first.activate(target.pid());
        if (!(on instanceof ActivationResult.Activated)) {
            return null; // refused for what it is, or there was no safe moment
        }
        meanwhile.run();
        ActivationResult other = second.activate(target.pid());
        DeactivationResult off = second.deactivate(target.pid());
        if (!isBusy(other)
                || !(off instanceof DeactivationResult.Failed(InjectRefusal reason, String _)
                        && reason == InjectRefusal.BUSY)) {
            return target.harm(Harm.Kind.OUTCOME, "while another run has it on: " + other + ", " + off);
        }
        Harm harm = target.becomes(true);
        first.deactivate(target.pid());
        if (harm == null && isBusy(second.activate(target.pid()))) {
            harm = target.harm(Harm.Kind.OUTCOME, "busy although the other run has ended");
        }
        second.deactivate(target.pid());
        return harm;
    }

    private void regardless(Trial trial, SelfCheckingTarget target) {
        for (int time = 0; time < times; time++) {
            trial.pause(PAUSE_MICROS);
            boolean on = trial.activate(target.pid()) instanceof ActivationResult.Activated;
            trial.pause(PAUSE_MICROS);
            if (on && trial.deactivate(target.pid()) instanceof DeactivationResult.AlreadyOff) {
                trial.tally().count(target.harm(Harm.Kind.OUTCOME, "another run has switched it off"));
            }
        }
    }

    private static boolean isBusy(ActivationResult result) {
        return result instanceof ActivationResult.Refused(InjectRefusal reason, String _)
                && reason == InjectRefusal.BUSY;
    }
}
