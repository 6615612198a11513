package io.perfagent.procfs;

import io.perfagent.model.Cgroup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code /proc/<pid>/cgroup} (cgroups(7)): a line for each hierarchy of version 1, and one for version 2, whose number is 0 and whose
 * list of controllers is empty.
 *
 * <pre>
 *   4:memory:/kubepods/burstable/pod&lt;uid&gt;/&lt;id&gt;
 *   1:name=systemd:/system.slice/docker-&lt;id&gt;.scope
 *   0::/kubepods.slice/kubepods-pod&lt;uid with _ for -&gt;.slice/cri-containerd-&lt;id&gt;.scope
 * </pre>
 *
 * Engines name the cgroup of a container after it, in one of three ways: the ID alone or after a prefix (driver cgroupfs), as a systemd
 * scope (driver systemd), or as {@code slice:prefix:id}, where an engine for cgroupfs was told to use systemd's form. Below that there
 * may be more, such as podman's {@code container}, or another engine's containers: then the innermost one counts. Read from
 * within a cgroup namespace, paths begin with {@code /..}.
 */
public final class ProcCgroup {
    /** 64 digits for the engines that follow OCI; a task and a number on Amazon's Fargate. */
    private static final Pattern CONTAINER =
            Pattern.compile("(.*[-:])?([0-9a-f]{64}|[0-9a-f]{32}-[0-9]{1,10})(\\.scope)?");
    /** A UUID, or, for a pod from a file on the node, 32 digits. */
    private static final Pattern POD = Pattern.compile(
            "(?<![a-z0-9_])pod([0-9a-f]{8}([-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?![0-9a-f])");
    /** The monitor of a container, of cri-o and podman, is outside of it. */
    private static final String MONITOR = "conmon-";

    /** Lists of controllers: version 2, and systemd's own hierarchy. */
    private static final List<String> PREFERRED = List.of("", "name=systemd");

    private static final int RANKS = PREFERRED.size() + 1;

    private static final String DELETED = " (deleted)";
    private static final String ROOT = "/";

    private ProcCgroup() {}

    /** Of a process, or what is known when it has ended: nothing. */
    public static Cgroup read(int pid) {
        return parse(text(pid));
    }

    /** The file of a process; empty when that has ended. */
    public static String text(int pid) {
        try {
            byte[] text = Files.readAllBytes(Path.of("/proc", Integer.toString(pid), "cgroup"));
            return new String(text, StandardCharsets.UTF_8);
        } catch (IOException _) {
            return "";
        }
    }

    /** The line that tells most: one that names a container before others, version 2 before systemd's before the rest. */
    public static Cgroup parse(String text) {
        return Lines.of(text).stream()
                .map(line -> line.split(":", 3))
                .filter(fields -> fields.length == 3)
                .min(Comparator.comparingInt(fields -> rank(fields[1], cgroup(fields[2]))))
                .map(fields -> cgroup(fields[2]))
                .orElse(Cgroup.UNKNOWN);
    }

    private static int rank(String controllers, Cgroup cgroup) {
        int hierarchy = PREFERRED.indexOf(controllers) < 0 ? PREFERRED.size() : PREFERRED.indexOf(controllers);
        if (!cgroup.containerId().isEmpty()) {
            return hierarchy;
        }
        return cgroup.path().equals(ROOT) ? 2 * RANKS + hierarchy : RANKS + hierarchy;
    }

    private static Cgroup cgroup(String shown) {
        String live = shown.endsWith(DELETED) ? shown.substring(0, shown.length() - DELETED.length()) : shown;
        String path = live.replaceAll("\\p{Cntrl}", "?"); // whoever may make cgroups chooses their names
        return new Cgroup(path, containerId(path), podUid(path));
    }

    private static String containerId(String path) {
        String found = "";
        for (String component : path.split("/", -1)) {
            Matcher matcher = CONTAINER.matcher(component);
            boolean names = matcher.matches();
            boolean monitor =
                    names && matcher.group(1) != null && matcher.group(1).endsWith(MONITOR);
            found = names && !monitor ? matcher.group(2) : found;
        }
        return found;
    }

    private static String podUid(String path) {
        String found = "";
        Matcher matcher = POD.matcher(path);
        while (matcher.find()) {
            found = matcher.group(1).replace('_', '-');
        }
        return found;
    }
}
