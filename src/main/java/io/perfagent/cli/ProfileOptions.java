package io.perfagent.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options, as typed: {@link RequestRules} gives them their meaning. */
final class ProfileOptions {
    @Option(
            names = "--profile",
            description = "Sample on-CPU stacks: what is done unless --off-cpu or --wall is given alone.")
    boolean profile;

    @Option(
            names = {"--off-cpu", "--offcpu"},
            description = "Record where threads wait, and for how long.")
    boolean offCpu;

    @Option(
            names = "--off-cpu-min",
            paramLabel = "D",
            description = "Leave out waits that are shorter: 50us, 1ms (default: none).")
    @Nullable
    String offCpuMin;

    @Option(
            names = "--off-cpu-threshold",
            paramLabel = "D",
            description = "Shorter waits are recorded by chance, and stand for so long: less is more of them"
                    + " (default: 10ms).")
    @Nullable
    String offCpuThreshold;

    @Option(
            names = "--wakers",
            description = "With --off-cpu or --wall: record who ended each wait, too, with its stack.")
    boolean wakers;

    @Option(
            names = {"--off-cpu-output", "--offcpu-output"},
            paramLabel = "FILE",
            description = "Where the profile of waits goes, - for standard output; repeatable"
                    + " (default: <comm>-<yyyyMMddHHmm>-off-cpu.pb.gz, or -o where that is the only profile).")
    List<String> offCpuOutputs = new ArrayList<>();

    @Option(names = "--wall", description = "Record all time of threads in one profile: on the CPU and off it.")
    boolean wall;

    @Option(
            names = "--wall-min",
            paramLabel = "D",
            description = "With --wall: leave out threads that run for less: 1ms (default: none).")
    @Nullable
    String wallMin;

    @Option(
            names = "--pmu",
            description = "Count what the scheduler does with the targets, and what the processor's counters count.")
    boolean pmu;

    @Option(names = "--per-pid", description = "With --pmu: each process on its own, too.")
    boolean perPid;

    @Option(
            names = "--pmu-output",
            paramLabel = "FILE|auto",
            description = "Where the table of --pmu goes (default: standard output).")
    @Nullable
    String pmuOutput;

    @Option(names = "--kernel-stacks", hidden = true, description = "Stacks have their kernel frames anyway.")
    boolean kernelStacks;

    @Mixin
    TargetOptions targets = new TargetOptions();

    @Option(
            names = {"-a", "--all"},
            description = "Profile every process.")
    boolean all;

    @Option(names = "--no-children", description = "Leave out the processes that the targets have started or start.")
    boolean noChildren;

    @Option(
            names = {"-d", "--duration"},
            paramLabel = "D",
            defaultValue = "10s",
            description = "How long: 30, 0.5s, 2m, 1m30s (default: 10s).")
    String duration = "";

    @Option(
            names = "--every",
            paramLabel = "D",
            hidden = true,
            description = "A profile for each stretch of so long, in files that are numbered.")
    @Nullable
    String every;

    @Option(
            names = {"-r", "--sample-rate", "--rate"},
            paramLabel = "HZ",
            defaultValue = "99",
            description = "Samples per second and CPU, 1 to 10000 (default: 99).")
    String sampleRate = "";

    @Option(
            names = {"-e", "--event"},
            paramLabel = "NAME",
            description = "Take samples at this instead of the clock: page-faults, cycles, sched:sched_process_exec.")
    @Nullable
    String event;

    @Option(
            names = {"-c", "--period"},
            paramLabel = "N",
            description = "With --event: a sample for so many of them.")
    @Nullable
    String period;

    @Option(
            names = "--unwind",
            paramLabel = "auto|dwarf|fp",
            defaultValue = "auto",
            description =
                    "Stack walking: by call-frame information, by frame pointers, or auto, which is the first with"
                            + " the second where a rule says so (default: auto).")
    String unwind = "";

    @Option(
            names = "--python-frames",
            paramLabel = "auto|off",
            defaultValue = "auto",
            description = "Name Python functions, with lines, by reading the interpreter's frames (default: auto).")
    String pythonFrames = "";

    @Option(names = "--inject-python", description = "Name Python functions through CPython's perf trampoline.")
    boolean injectPython;

    @Option(names = "--keep-trampoline", description = "Leave the trampoline on at the end.")
    boolean keepTrampoline;

    @Option(
            names = {"-o", "--profile-output", "--output"},
            paramLabel = "FILE",
            description = "Where the profile goes, - for standard output; repeatable"
                    + " (default: <comm>-<yyyyMMddHHmm>-on-cpu.pb.gz).")
    List<String> outputs = new ArrayList<>();

    @Option(
            names = {"-f", "--format"},
            paramLabel = "pprof|html|folded|speedscope|firefox|perf",
            description =
                    "What the profile is written as, where the name of its file does not say it (default: pprof).")
    @Nullable
    String format;

    @Option(
            names = "--fold-python",
            description =
                    "Leave out the interpreter's own frames between Python functions; a page can do so by itself.")
    boolean foldPython;

    @Option(
            names = "--push",
            paramLabel = "STORE+URL",
            description =
                    "Send the profile to a store, too: parca+https://host:7070, pyroscope+…, otlp+…; with"
                            + " ,ca=FILE ,token-file=FILE ,basic-file=FILE ,headers-file=FILE ,tenant=NAME behind it; repeatable.")
    List<String> pushes = new ArrayList<>();

    @Option(
            names = {"-v", "--verbose"},
            description = "Print the walker's own figures at the end.")
    boolean verbose;

    @Option(names = "--tag", paramLabel = "K=V", description = "Recorded in the profile; repeatable.")
    List<String> tags = new ArrayList<>();
}
