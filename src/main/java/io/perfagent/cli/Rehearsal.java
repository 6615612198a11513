package io.perfagent.cli;

import io.perfagent.agent.StopSignal;

/**
 * What the launcher has the virtual machine keep loaded and linked: the classes of a short profile, of a look at it and of a dump. It is run
 * once, after a build.
 */
public final class Rehearsal {
    private Rehearsal() {}

    /**
     * Ends the process; where a run is not possible, as without root's rights, the classes of what is possible are kept.
     *
     * @param args a process, and a file that is written
     */
    public static void main(String[] args) {
        StopSignal stop = StopSignal.install();
        String pid = args[0];
        String profile = args[1];
        run(stop, "--profile", "--pid", pid, "--duration", "300ms", "-o", profile);
        run(stop, "view", profile);
        run(stop, "dump", "--pid", pid);
        System.exit(0);
    }

    private static void run(StopSignal stop, String... args) {
        int _ = Main.run(stop, System.out, System.err, args);
    }
}
