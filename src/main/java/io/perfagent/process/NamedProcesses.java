package io.perfagent.process;

import io.perfagent.procfs.CommandLine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Processes by the names that people know them by: the kernel's name for them, their program's file name, or the script or module that
 * an interpreter runs. What runs perf-agent itself is none of them, though its command line may say the name.
 */
public final class NamedProcesses {
    private NamedProcesses() {}

    /** In ascending order of PIDs. */
    public static List<LiveProcess> find(String name) throws IOException {
        Set<Integer> ours =
                FamilyTree.now().withAncestors((int) ProcessHandle.current().pid());
        List<LiveProcess> found = new ArrayList<>();
        for (LiveProcess process : Processes.all()) {
            if (!ours.contains(process.pid()) && isCalled(process, name) && process.alive()) {
                found.add(process);
            }
        }
        return found;
    }

    private static boolean isCalled(LiveProcess process, String name) {
        try {
            return process.comm().equals(name)
                    || CommandLine.read(process.pid()).names().contains(name);
        } catch (IOException _) {
            return false; // has ended since
        }
    }
}
