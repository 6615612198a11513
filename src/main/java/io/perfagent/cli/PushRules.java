package io.perfagent.cli;

import io.perfagent.push.PushTarget;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Stores that profiles are sent to. */
final class PushRules {
    private PushRules() {}

    /** Messages show of a store no more than what is in front of its address: what stands behind may be a secret that does not belong there. */
    static List<PushTarget> targets(List<String> texts) throws WrongUsageException {
        Map<String, PushTarget> targets = new LinkedHashMap<>();
        for (String text : whole(texts)) {
            PushTarget target = target(text);
            if (targets.put(target.name(), target) != null) {
                throw new WrongUsageException("--push " + target.name() + " is given twice: give it once");
            }
        }
        return List.copyOf(targets.values());
    }

    /** What an environment variable has behind a comma is a value of its own there: what is no store belongs to the one before. */
    static List<String> whole(List<String> texts) {
        List<String> whole = new ArrayList<>();
        for (String text : texts) {
            if (whole.isEmpty() || text.contains("+")) {
                whole.add(text);
            } else {
                whole.add(whole.removeLast() + "," + text);
            }
        }
        return whole;
    }

    /** As it may be shown: what is none may be anything. */
    static String shown(String text) {
        try {
            PushTarget target = PushTarget.parse(text);
            return target.name();
        } catch (IllegalArgumentException _) {
            return "(not shown)";
        }
    }

    private static PushTarget target(String text) throws WrongUsageException {
        try {
            return PushTarget.parse(text);
        } catch (IllegalArgumentException e) {
            throw new WrongUsageException("--push: " + e.getMessage());
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
