package io.perfagent.model;

import java.util.List;

/**
 * How a run went, in the sentences of its own end.
 *
 * @param origin who wrote the profile: version, tags
 * @param taken samples, those that were dropped included
 * @param complete how many of the stacks are
 * @param lost what was lost, cut or left unnamed, a sentence for each cause
 * @param python what became of the targets' trampolines
 * @param cost of the walker and of the agent
 */
public record RunAccount(
        List<String> origin, String taken, String complete, List<String> lost, List<String> python, List<String> cost) {
    public static final RunAccount NONE = new RunAccount(List.of(), "", "", List.of(), List.of(), List.of());
}
