package io.perfagent.unwind.table;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rules that do not fit in a row, each once, for all files together. Rules are never removed or moved, so whoever has copied
 * the first n of them need only copy those from n on. Index 0 is {@link EncodedRule#SIGNAL}, as {@code SIGNAL_RULE} of
 * {@code bpf/abi.h} demands. Safe for use by several threads.
 */
public final class RuleDictionary {
    /** The answer of a dictionary that is full. */
    public static final int FULL = -1;

    private final int capacity;
    private final Map<EncodedRule, Integer> indexes = new HashMap<>();
    private final List<EncodedRule> rules = new ArrayList<>();

    /** @param capacity rules that the kernel's side has room for, at least 1 */
    public RuleDictionary(int capacity) {
        this.capacity = capacity;
        indexOf(EncodedRule.SIGNAL);
    }

    /** The index of a rule, which is added if new; {@link #FULL} if there is no room for it. */
    public int indexOf(EncodedRule rule) {
        return indexOf(rule, Integer.MAX_VALUE);
    }

    /**
     * The same, but a new rule is refused too if its index would be {@code limit} or more: so one file, which may be hostile, is kept
     * from taking the room of all others.
     */
    public synchronized int indexOf(EncodedRule rule, int limit) {
        Integer known = indexes.get(rule);
        if (known != null) {
            return known;
        }
        if (rules.size() >= Math.min(capacity, limit)) {
            return FULL;
        }
        indexes.put(rule, rules.size());
        rules.add(rule);
        return rules.size() - 1;
    }

    public synchronized EncodedRule rule(int index) {
        return rules.get(index);
    }

    public synchronized int size() {
        return rules.size();
    }
}
