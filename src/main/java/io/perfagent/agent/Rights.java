package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.procfs.ProcStatus;
import java.io.IOException;

/** What this process may do. */
final class Rights {
    private Rights() {}

    /** Says what a run goes on without. */
    static void tell(ProfileRequest request, Log log) throws CannotStartException {
        if (request.injectPython() && !Capability.CAP_SYS_NICE.in(self().effectiveCapabilities())) {
            log.line("without CAP_SYS_NICE, targets may be stopped for longer while the machine is busy");
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
