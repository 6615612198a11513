package io.perfagent.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Processes, as every command takes them. */
final class TargetOptions {
    @Option(
            names = {"-p", "--pid"},
            paramLabel = "N",
            arity = "1..*",
            description = "Processes, by host PID; several, commas and repetition allowed.")
    List<String> pids = new ArrayList<>();

    @Option(
            names = {"-n", "--name"},
            paramLabel = "NAME",
            arity = "1..*",
            description =
                    "Processes, by the name of their program, script or module; several, commas and repetition allowed.")
    List<String> names = new ArrayList<>();

    boolean none() {
        return pids.isEmpty() && names.isEmpty();
    }
}
