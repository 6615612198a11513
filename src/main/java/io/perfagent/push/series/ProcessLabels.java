package io.perfagent.push.series;

import io.perfagent.model.Cgroup;
import io.perfagent.model.PrintableName;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.procfs.CommandLine;
import io.perfagent.procfs.Environment;
import io.perfagent.procfs.ProcExe;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What processes are called in stores. The service is what the process was told that it is ({@code OTEL_SERVICE_NAME}, a resource's
 * {@code service.name}), else its Kubernetes container, else its systemd unit, else its program, of an interpreter the script:
 *
 * <pre>
 *   OTEL_SERVICE_NAME=shop                               shop
 *   /system.slice/shop-web.service                       shop-web
 *   /user.slice/… python3 /srv/shop/app.py               app
 *   ended before it was looked at                        the name of its main thread
 * </pre>
 *
 * A process is looked at when an interval that has it is delivered; what was known of it stays known after its end. For one thread.
 */
public final class ProcessLabels {
    private static final Pattern UNIT = Pattern.compile(".*/([^/]+)\\.service(?:/.*)?");
    /** One for all of a user's or of a machine's: no service. */
    private static final Pattern SHARED =
            Pattern.compile("user@\\d+|user-runtime-dir@\\d+|session-.*|containerd|docker|kubelet|crio");

    /** Pyroscope's limit of a label's value is 2,048 bytes. */
    private static final int MOST_CHARS = 500;

    private static final String SERVICE = "service.name";

    private final String host;
    private final Map<Integer, String> mainThreads = new HashMap<>();
    private Map<Integer, Known> known = new HashMap<>();

    /**
     * Of a process.
     *
     * @param program {@code ""} where it was never seen alive
     * @param attributes by names of conventions
     */
    private record Known(String program, Map<String, String> attributes) {
        static final Known NOTHING = new Known("", Map.of());
    }

    /** @param host the name of this machine */
    public ProcessLabels(String host) {
        this.host = host;
    }

    /** Looks at these processes. */
    public void look(Collection<Integer> pids) {
        pids.forEach(pid -> known.put(pid, read(pid, known.getOrDefault(pid, Known.NOTHING))));
    }

    /** Looks at the processes of a profile, and forgets those that it does not have. */
    public void look(Profile profile) {
        Map<Integer, Known> now = new HashMap<>();
        for (StackCount stack : profile.stacks()) {
            now.computeIfAbsent(stack.pid(), pid -> read(pid, known.getOrDefault(pid, Known.NOTHING)));
        }
        mainThreads.clear();
        for (StackCount stack : profile.stacks()) {
            if (stack.tid() == stack.pid()) {
                mainThreads.put(stack.pid(), stack.threadName());
            } else {
                mainThreads.putIfAbsent(stack.pid(), stack.threadName());
            }
        }
        known = now;
    }

    /** Of the process that a stack is of. */
    public Labels of(StackCount stack) {
        Known process = known.getOrDefault(stack.pid(), Known.NOTHING);
        SortedMap<String, String> values = new TreeMap<>();
        process.attributes().forEach((name, value) -> put(values, name, value));
        put(values, "container.id", stack.cgroup().containerId());
        put(values, "k8s.pod.uid", stack.cgroup().podUid());
        put(values, "host.name", host);
        Stream.of(
                        values.getOrDefault("k8s.container.name", ""),
                        unit(stack.cgroup()),
                        process.program(),
                        mainThreads.getOrDefault(stack.pid(), ""),
                        "unknown")
                .filter(name -> !name.isBlank())
                .findFirst()
                .ifPresent(name -> values.computeIfAbsent(SERVICE, _ -> cut(name)));
        return new Labels(values);
    }

    /** As it is now; as it was where it has ended since. */
    private static Known read(int pid, Known before) {
        try {
            Map<String, String> attributes = ServiceAttributes.of(Environment.read(pid, ServiceAttributes.VARIABLES));
            String path = ProcExe.path(pid);
            String executable = path.substring(path.lastIndexOf('/') + 1);
            attributes.put("process.executable.name", executable);
            String program = CommandLine.read(pid).name();
            return new Known(program.isEmpty() ? executable : program, attributes);
        } catch (IOException _) {
            return before;
        }
    }

    private static String unit(Cgroup cgroup) {
        Matcher unit = UNIT.matcher(cgroup.path());
        boolean own = unit.matches() && !SHARED.matcher(unit.group(1)).matches();
        return own && cgroup.containerId().isEmpty() ? unit.group(1) : "";
    }

    private static void put(SortedMap<String, String> values, String name, String value) {
        if (!value.isBlank()) {
            values.put(name, cut(value));
        }
    }

    private static String cut(String value) {
        int[] printable =
                PrintableName.of(value.strip()).codePoints().limit(MOST_CHARS).toArray();
        return new String(printable, 0, printable.length);
    }
}
