package io.perfagent.safety;

import io.perfagent.python.ActivationResult;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.testing.Interpreter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Targets in other surroundings than ours: each is served, or refused for the reason that these surroundings are. */
record Elsewhere() implements Scenario {
    @Override
    public String title() {
        return "Targets elsewhere: namespaces, another user, seccomp, no executable memory, little memory, read-only /tmp,"
                + " descriptors, names, threads, jitdump";
    }

    @Override
    public void run(Trial trial) throws IOException {
        for (Surroundings surroundings : Surroundings.values()) {
            try (SelfCheckingTarget target = trial.start(Workload.COMPRESSION, surroundings)) {
                Harm harm = visit(trial, target, surroundings);
                trial.tally().count(harm == null ? target.end() : harm);
            }
        }
    }

    /** What is wrong after an activation and a deactivation. */
    static @Nullable Harm visit(Trial trial, SelfCheckingTarget target, Surroundings surroundings) throws IOException {
        ActivationResult result = trial.activate(target.pid());
        Harm harm = target.goesOn();
        trial.deactivate(target.pid());
        if (harm == null && !isRight(result, surroundings, trial.interpreter())) {
            return target.harm(Harm.Kind.OUTCOME, surroundings + ": " + result);
        }
        return harm == null ? target.becomes(surroundings.staysOn(trial.interpreter())) : harm;
    }

    private static boolean isRight(ActivationResult result, Surroundings surroundings, Interpreter interpreter) {
        return switch (result) {
            case ActivationResult.Activated _ -> surroundings.serves(interpreter);
            case ActivationResult.AlreadyOn() -> false;
            case ActivationResult.Refused(InjectRefusal reason, String _) ->
                reason == InjectRefusal.FORK_UNSAFE || surroundings.mayRefuse(reason);
        };
    }
}
