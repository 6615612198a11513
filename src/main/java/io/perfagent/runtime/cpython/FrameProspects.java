package io.perfagent.runtime.cpython;

import io.perfagent.model.Mapping;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.walker.ElfSource;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Looks at processes as a run does when it meets them, and reads no frames. For one thread. */
public final class FrameProspects {
    private final Interpreters interpreters;

    public FrameProspects(ElfSource binaries) {
        this.interpreters = new Interpreters(binaries);
    }

    public FrameProspect of(int pid) {
        try {
            Mapping file = Pythons.candidate(pid, ProcMaps.readExecutable(pid));
            return file == null ? new FrameProspect.NoInterpreter() : prospect(interpreters.find(pid, file));
        } catch (IOException _) {
            return LayoutRefusal.UNREADABLE;
        }
    }

    private static FrameProspect prospect(@Nullable PythonResult result) {
        return switch (result) {
            case null -> new FrameProspect.NoInterpreter();
            case Python python -> new FrameProspect.ByReading(python.layout().minor());
            case LayoutRefusal refusal -> refusal;
        };
    }
}
