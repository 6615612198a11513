package io.perfagent.push.series;

import io.perfagent.model.Cgroup;
import io.perfagent.model.Measure;
import io.perfagent.model.Profile;
import io.perfagent.model.RunAccount;
import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The samples of a profile that have the same labels. Times are those of the whole: stores add up what began and lasted alike. */
public record Series(Labels labels, Profile profile) {
    /** All that labels are made of: stacks that have the same have the same labels. */
    private record Origin(int pid, String threadName, Cgroup cgroup, ThreadState state) {
        static Origin of(StackCount stack) {
            return new Origin(stack.pid(), stack.threadName(), stack.cgroup(), stack.state());
        }

        @Override
        public int hashCode() { // the one that records get goes through method handles
            return 31 * pid + threadName.hashCode();
        }
    }

    /**
     * The profile as series: what {@code labelsOf} tells apart. Comments stay behind, for stores have no place for them.
     *
     * @param labelsOf is asked once of those that have one process, name of the thread, cgroup and state
     */
    public static List<Series> of(Profile profile, Function<StackCount, Labels> labelsOf) {
        Map<Origin, List<StackCount>> origins = new HashMap<>();
        Map<Labels, List<StackCount>> stacks = new LinkedHashMap<>();
        for (StackCount stack : profile.stacks()) {
            if (stack.count() > 0) {
                origins.computeIfAbsent(
                                Origin.of(stack),
                                _ -> stacks.computeIfAbsent(labelsOf.apply(stack), _ -> new ArrayList<>()))
                        .add(stack);
            }
        }
        List<Series> series = new ArrayList<>();
        stacks.forEach((labels, own) -> series.add(new Series(labels, part(profile, own))));
        return series;
    }

    /** So many of its stacks. */
    public static Profile part(Profile whole, List<StackCount> stacks) {
        return new Profile(
                whole.start(),
                whole.startNanos(),
                whole.duration(),
                spelled(whole.measure()),
                stacks,
                List.of(),
                RunAccount.NONE);
    }

    /** Stores take letters, digits and underscores for names, and no dash or colon as events of the kernel have them. */
    private static Measure spelled(Measure measure) {
        String type = measure.type().replaceAll("[^A-Za-z0-9_]", "_");
        return type.equals(measure.type())
                ? measure
                : new Measure(type, measure.unit(), measure.period(), measure.samples());
    }
}
