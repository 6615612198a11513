package io.perfagent.agent;

import java.util.EnumSet;
import java.util.Set;

/** The capabilities that a run can need, with their bit numbers in the kernel's {@code capability.h} (capabilities(7)). */
enum Capability {
    CAP_BPF(39, true),
    CAP_PERFMON(38, true),
    CAP_SYS_PTRACE(19, false),
    CAP_DAC_OVERRIDE(1, false),
    CAP_SYS_NICE(23, false),
    CAP_SYSLOG(34, false),
    CAP_CHECKPOINT_RESTORE(40, true),
    CAP_SYS_ADMIN(21, true);

    private final int bit;
    private final boolean partOfAdmin;

    Capability(int bit, boolean partOfAdmin) {
        this.bit = bit;
        this.partOfAdmin = partOfAdmin;
    }

    /** What is wanted and not in {@code effective}; CAP_SYS_ADMIN includes some of them. */
    static Set<Capability> missing(Set<Capability> wanted, long effective) {
        Set<Capability> missing = EnumSet.noneOf(Capability.class);
        for (Capability capability : wanted) {
            boolean included = capability.partOfAdmin && CAP_SYS_ADMIN.in(effective);
            if (!included && !capability.in(effective)) {
                missing.add(capability);
            }
        }
        return missing;
    }

    boolean in(long effective) {
        return (effective >>> bit & 1) != 0;
    }
}
