package io.perfagent.cli;

import io.perfagent.agent.StopSignal;

/** What tests do with the program, once: {@link io.perfagent.testing.AgentArchive} has a virtual machine keep the classes that this loads. */
final class LongRehearsal {
    private LongRehearsal() {}

    /** Ends the process. Arguments: one of Python's, and a file that is written. */
    public static void main(String[] args) {
        StopSignal stop = StopSignal.install();
        String pid = args[0];
        String profile = args[1];
        int failed = run(stop, "--profile", "--pid", pid, "--duration", "300ms", "--inject-python", "-o", profile)
                + run(stop, "view", profile)
                + run(stop, "dump", "--pid", pid)
                + run(stop, "check", "--pid", pid)
                + run(stop, "off", "--pid", pid);
        System.exit(failed);
    }

    private static int run(StopSignal stop, String... args) {
        return Main.run(stop, System.out, System.err, args);
    }
}
