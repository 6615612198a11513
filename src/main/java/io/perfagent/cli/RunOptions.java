package io.perfagent.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The options of a run that goes on, as typed: {@link RunRules} gives them their meaning. Each that has a long name can be set in the file and
 * in the environment as well ({@link RunSettings}).
 */
final class RunOptions {
    @Mixin
    TargetOptions targets = new TargetOptions();

    @Option(
            names = {"-a", "--all"},
            description = "Every process (default, where no other target is given).")
    boolean all;

    @Option(names = "--no-children", description = "Leave out the processes that the targets have started or start.")
    boolean noChildren;

    @Option(
            names = "--every",
            paramLabel = "D",
            defaultValue = "15s",
            description = "How long an interval is, 1s to 1h (default: 15s).")
    String every = "";

    @Option(
            names = {"-r", "--sample-rate", "--rate"},
            paramLabel = "HZ",
            defaultValue = "19",
            description = "Samples per second and CPU, 1 to 10000 (default: 19).")
    String sampleRate = "";

    @Option(
            names = "--profile",
            description = "Sample on-CPU stacks: what is done unless --off-cpu or --wall is given alone.")
    boolean profile;

    @Option(names = "--off-cpu", description = "Record where threads wait, and for how long.")
    boolean offCpu;

    @Option(names = "--off-cpu-min", paramLabel = "D", description = "Leave out waits that are shorter.")
    @Nullable
    String offCpuMin;

    @Option(
            names = "--off-cpu-threshold",
            paramLabel = "D",
            description = "Shorter waits are recorded by chance, and stand for so long (default: 10ms).")
    @Nullable
    String offCpuThreshold;

    @Option(names = "--wakers", description = "With --off-cpu or --wall: record who ended each wait, too.")
    boolean wakers;

    @Option(names = "--wall", description = "Record all time of threads in one profile: on the CPU and off it.")
    boolean wall;

    @Option(names = "--wall-min", paramLabel = "D", description = "With --wall: leave out threads that run for less.")
    @Nullable
    String wallMin;

    @Option(
            names = "--python-frames",
            paramLabel = "auto|off",
            defaultValue = "auto",
            description = "Name Python functions, with lines, by reading the interpreter's frames (default: auto).")
    String pythonFrames = "";

    @Option(names = "--tag", paramLabel = "K=V", description = "Recorded in each profile; repeatable.")
    List<String> tags = new ArrayList<>();

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            defaultValue = "/var/lib/perf-agent",
            description = "Where files go (default: /var/lib/perf-agent).")
    String directory = "";

    @Option(
            names = "--keep-for",
            paramLabel = "D",
            defaultValue = "24h",
            description = "Remove files that are older: 90m, 24h, 30d (default: 24h).")
    String keepFor = "";

    @Option(
            names = "--keep-size",
            paramLabel = "SIZE",
            defaultValue = "1GiB",
            description = "Remove the oldest where all take more: 100MiB, 1GiB (default: 1GiB).")
    String keepSize = "";

    @Option(
            names = "--push",
            paramLabel = "STORE+URL",
            description =
                    "Send each interval to a store, too: parca+https://host:7070, pyroscope+…, otlp+…; with"
                            + " ,ca=FILE ,token-file=FILE ,basic-file=FILE ,headers-file=FILE ,tenant=NAME behind it; repeatable.")
    List<String> pushes = new ArrayList<>();

    @Option(
            names = "--push-queue-size",
            paramLabel = "SIZE",
            defaultValue = "256MiB",
            description = "How much may wait for each store, in files below --directory (default: 256MiB).")
    String pushQueueSize = "";

    @Option(
            names = "--listen",
            paramLabel = "[HOST:]PORT",
            description = "Answer /metrics, /healthz and /profile over HTTP, on loopback unless a host is given.")
    @Nullable
    String listen;
}
