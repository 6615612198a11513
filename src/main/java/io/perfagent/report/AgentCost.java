package io.perfagent.report;

import io.perfagent.procfs.ProcStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;

/**
 * What the run cost the machine so far.
 *
 * @param cpu user and system time of perf-agent
 * @param peakResident largest resident set of perf-agent, as {@code VmHWM} of proc_pid_status(5) says it
 */
record AgentCost(Duration cpu, String peakResident) {
    static AgentCost now() {
        Duration cpu = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
        try {
            return new AgentCost(cpu, ProcStatus.readSelf().field("VmHWM"));
        } catch (IOException _) {
            return new AgentCost(cpu, "unknown");
        }
    }

    String line() {
        return String.format(
                Locale.ROOT, "cost: %.2f s CPU, %s peak resident memory", cpu.toMillis() / 1000.0, peakResident);
    }
}
