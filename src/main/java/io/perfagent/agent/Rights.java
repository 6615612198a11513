package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.SymbolMiss;
import io.perfagent.procfs.ProcStatus;
import io.perfagent.profile.Naming;
import io.perfagent.report.Log;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What this process may do. */
final class Rights {
    private Rights() {}

    /** Says what a run goes on without. */
    static void tell(ProfileRequest request, Log log) {
        if (request.injectPython() && lacks(Capability.CAP_SYS_NICE)) {
            log.line("without CAP_SYS_NICE, targets may be stopped for longer while the machine is busy");
        }
    }

    /** What would give names to frames that have none, where that is a capability which this process lacks. */
    static List<String> remedies(Naming naming) {
        List<String> remedies = new ArrayList<>();
        if (naming.unnamed(SymbolMiss.REPLACED_FILE) > 0 && lacks(Capability.CAP_CHECKPOINT_RESTORE)) {
            remedies.add("binaries that were removed or replaced since can still be read with CAP_CHECKPOINT_RESTORE");
        }
        if (naming.unnamed(SymbolMiss.KERNEL_HIDDEN) > 0) {
            remedies.add(
                    lacks(Capability.CAP_SYSLOG)
                            ? "kernel functions have names with CAP_SYSLOG, unless /proc/sys/kernel/kptr_restrict is 2"
                            : "kernel functions have no names while /proc/sys/kernel/kptr_restrict is 2");
        }
        return remedies;
    }

    private static boolean lacks(Capability capability) {
        try {
            long effective = ProcStatus.readSelf().effectiveCapabilities();
            return !Capability.missing(Set.of(capability), effective).isEmpty();
        } catch (IOException _) {
            return false; // not known: nothing is promised
        }
    }

    static ProcStatus self() throws CannotStartException {
        try {
            return ProcStatus.readSelf();
        } catch (IOException e) {
            throw new CannotStartException("cannot read /proc/self/status: mount /proc", e);
        }
    }
}
