package io.perfagent.safety;

import java.util.List;

/**
 * How much is done, in all.
 *
 * @param activations at random instants
 * @param kills of the agent
 * @param runs on one process of each interpreter
 * @param deaths of targets, for each interpreter
 */
record Plan(int activations, int kills, int runs, int deaths) {
    /** Storms of signals, registers and waits: what a killed agent could leave wrong. */
    private static final List<Workload> KILLED_AT = List.of(
            Workload.SIGNALS,
            Workload.ARITHMETIC,
            Workload.WAITS,
            Workload.REGISTERS,
            Workload.CROWD,
            Workload.SORTING);

    /** What {@code make test} does: a little of everything. */
    static final Plan TASTE = new Plan(48, 8, 3, 1);

    /** What {@code make safety} does. */
    static final Plan SHORT = new Plan(360, 60, 10, 1);

    /** What {@code make soak} does for a count of activations: a tenth of it for what takes longer. */
    static Plan soak(int count) {
        return new Plan(count, count / 10, count / 10, count / 500 + 1);
    }

    RandomInstants randomInstants(int interpreters, List<Workload> workloads) {
        return new RandomInstants(workloads, divided(activations, interpreters * workloads.size()));
    }

    /** As many workloads as there are kills for, where there are few. */
    KilledAgents killedAgents(int interpreters) {
        int each = divided(kills, interpreters);
        List<Workload> workloads = KILLED_AT.subList(0, Math.clamp(each / 2, 1, KILLED_AT.size()));
        return new KilledAgents(workloads, divided(each, workloads.size()));
    }

    /** Rounded up. */
    private static int divided(int all, int parts) {
        return (all + parts - 1) / parts;
    }
}
