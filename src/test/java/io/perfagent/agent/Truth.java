package io.perfagent.agent;

import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.testing.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A profile against what is known of its target by construction.
 *
 * @param samples that have {@code leaf} on the stack
 * @param inOrder of them, those with the whole chain below it, in order
 * @param others chains of the rest, with their samples
 */
record Truth(long samples, long inOrder, Map<String, Long> others) {
    /**
     * Compares each stack with a leaf on it to the expected chain.
     *
     * @param leaf name of the leaf, as in the profile
     * @param named which functions count
     * @param expected tells whether a chain, from the leaf outwards, is the true one
     */
    static Truth of(Profile profile, String leaf, Predicate<String> named, Predicate<List<String>> expected) {
        long samples = 0;
        long inOrder = 0;
        Map<String, Long> others = new TreeMap<>();
        for (StackCount stack : profile.stacks()) {
            List<String> chain = chain(stack, named);
            int at = chain.indexOf(leaf);
            if (at >= 0) {
                samples += stack.count();
                List<String> outwards = chain.subList(at, chain.size());
                boolean right = expected.test(outwards);
                inOrder += right ? stack.count() : 0;
                if (!right) {
                    others.merge(String.join(" <- ", outwards), stack.count(), Long::sum);
                }
            }
        }
        return new Truth(samples, inOrder, others);
    }

    double share() {
        return samples == 0 ? 0 : (double) inOrder / samples;
    }

    private static List<String> chain(StackCount stack, Predicate<String> named) {
        List<String> chain = new ArrayList<>();
        for (String name : Names.of(stack)) {
            if (named.test(name)) {
                chain.add(name);
            }
        }
        return chain;
    }
}
