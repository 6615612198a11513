package io.perfagent.model;

/**
 * Where the kernel accounts a process, and what its name tells of the container that the process is in.
 *
 * @param path as {@code /proc/<pid>/cgroup} shows it, {@code ""} where unknown
 * @param containerId as the engine gave it, {@code ""} outside of containers
 * @param podUid of the Kubernetes pod, with dashes as the API server shows it; {@code ""} outside of pods
 */
public record Cgroup(String path, String containerId, String podUid) {
    public static final Cgroup UNKNOWN = new Cgroup("", "", "");
}
