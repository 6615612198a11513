package io.perfagent.cli;

import io.perfagent.push.PushTarget;
import java.util.ArrayList;
import java.util.List;

/** Stores that profiles are sent to. */
final class PushRules {
    private PushRules() {}

    /** Messages show of a store no more than what is in front of its address: what stands behind may be a secret that does not belong there. */
    static List<PushTarget> targets(List<String> texts) throws WrongUsageException {
        List<PushTarget> targets = new ArrayList<>();
        for (String text : texts) {
            PushTarget target = target(text);
            if (targets.contains(target)) {
                throw new WrongUsageException("--push " + target.label() + " is given twice: give it once");
            }
            targets.add(target);
        }
        return targets;
    }

    private static PushTarget target(String text) throws WrongUsageException {
        try {
            return PushTarget.parse(text);
        } catch (IllegalArgumentException e) {
            throw new WrongUsageException("--push is " + e.getMessage());
        }
    }

    /** One profile is sent, when the run has ended. */
    static void requireWhole(ProfileOptions options) throws WrongUsageException {
        if (!options.pushes.isEmpty() && options.every != null) {
            throw new WrongUsageException("--push sends the profile of a whole run: leave out --every");
        }
        if (!options.pushes.isEmpty() && options.pmu) {
            throw new WrongUsageException("--push sends a profile, and --pmu counts: leave one of them out");
        }
    }
}
