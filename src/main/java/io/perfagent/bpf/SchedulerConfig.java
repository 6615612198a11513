package io.perfagent.bpf;

/**
 * What the scheduler's object counts, and how it is sized.
 *
 * @param cpus possible CPUs
 * @param processSlots how many processes are counted each on its own, one more than that; 0 for none
 * @param allProcesses whether all processes are meant
 * @param children whether what targets start is meant, too
 * @param pidNamespace inode of the one whose numbers processes have, 0 for the initial one
 * @param hardware whether there are counters of the hardware
 */
public record SchedulerConfig(
        int cpus, int processSlots, boolean allProcesses, boolean children, int pidNamespace, boolean hardware) {}
