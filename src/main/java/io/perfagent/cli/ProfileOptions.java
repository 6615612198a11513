package io.perfagent.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options, as typed: {@link RequestRules} gives them their meaning. */
final class ProfileOptions {
    @Option(names = "--profile", description = "Sample on-CPU stacks.")
    boolean profile;

    @Option(
            names = "--pid",
            paramLabel = "N",
            arity = "1..*",
            description = "Processes to profile, by host PID; several, commas and repetition allowed.")
    List<String> pids = new ArrayList<>();

    @Option(
            names = {"-a", "--all"},
            description = "Profile every process.")
    boolean all;

    @Option(names = "--no-children", description = "Leave out the processes that the targets start.")
    boolean noChildren;

    @Option(
            names = "--duration",
            paramLabel = "D",
            defaultValue = "10s",
            description = "How long: 30s, 2m, 500ms, 1m30s (default: 10s).")
    String duration = "";

    @Option(
            names = "--sample-rate",
            paramLabel = "HZ",
            defaultValue = "99",
            description = "Samples per second and CPU, 1 to 10000 (default: 99).")
    String sampleRate = "";

    @Option(
            names = "--unwind",
            paramLabel = "auto|dwarf|fp",
            defaultValue = "auto",
            description =
                    "Stack walking: by call-frame information, by frame pointers, or auto, which is the first with"
                            + " the second where a rule says so (default: auto).")
    String unwind = "";

    @Option(names = "--inject-python", description = "Name Python functions through CPython's perf trampoline.")
    boolean injectPython;

    @Option(names = "--keep-trampoline", description = "Leave the trampoline on at the end.")
    boolean keepTrampoline;

    @Option(
            names = "--profile-output",
            paramLabel = "FILE",
            description = "Where the profile goes (default: <comm>-<yyyyMMddHHmm>-on-cpu.pb.gz).")
    @Nullable
    String output;

    @Option(
            names = {"-v", "--verbose"},
            description = "Print the walker's own figures at the end.")
    boolean verbose;

    @Option(names = "--tag", paramLabel = "K=V", description = "Recorded in the profile; repeatable.")
    List<String> tags = new ArrayList<>();
}
