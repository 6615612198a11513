package io.perfagent.agent;

import java.util.EnumSet;
import java.util.Set;

/** The capabilities that a run can need, with their bit numbers in the kernel's {@code capability.h} (capabilities(7)). */
enum Capability {
    CAP_BPF(39),
    CAP_PERFMON(38),
    CAP_SYS_PTRACE(19),
    CAP_SYS_ADMIN(21);

    private final int bit;

    Capability(int bit) {
        this.bit = bit;
    }

    /** What is wanted and not in {@code effective}. CAP_SYS_ADMIN includes CAP_BPF and CAP_PERFMON, not CAP_SYS_PTRACE. */
    static Set<Capability> missing(Set<Capability> wanted, long effective) {
        Set<Capability> missing = EnumSet.noneOf(Capability.class);
        for (Capability capability : wanted) {
            boolean included = capability != CAP_SYS_PTRACE && CAP_SYS_ADMIN.in(effective);
            if (!included && !capability.in(effective)) {
                missing.add(capability);
            }
        }
        return missing;
    }

    private boolean in(long effective) {
        return (effective >>> bit & 1) != 0;
    }
}
