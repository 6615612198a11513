package io.perfagent.push.series;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the environment of a process says of the service that it is a part of: the variables of OpenTelemetry's SDKs, and those that pods
 * get by the downward API. No other variable is looked at.
 */
final class ServiceAttributes {
    private static final String SERVICE_NAME = "OTEL_SERVICE_NAME";
    /** {@code key=value,key=value}, values percent-encoded. */
    private static final String RESOURCE = "OTEL_RESOURCE_ATTRIBUTES";

    /** Which every pod has: elsewhere the others mean whatever somebody wanted. */
    private static final String IN_A_POD = "KUBERNETES_SERVICE_HOST";

    private static final Map<String, String> DOWNWARD = Map.of(
            "POD_NAME", "k8s.pod.name",
            "K8S_POD_NAME", "k8s.pod.name",
            "POD_NAMESPACE", "k8s.namespace.name",
            "K8S_NAMESPACE_NAME", "k8s.namespace.name",
            "NODE_NAME", "k8s.node.name",
            "K8S_NODE_NAME", "k8s.node.name",
            "CONTAINER_NAME", "k8s.container.name",
            "K8S_CONTAINER_NAME", "k8s.container.name");

    static final Set<String> VARIABLES = variables();

    /** Of {@value #RESOURCE}; others are of the process and might be anything. */
    private static final Pattern TAKEN = Pattern.compile(
            "service\\.(name|namespace|version)|k8s\\.[a-z_.]{1,60}|deployment\\.environment(\\.name)?");

    private ServiceAttributes() {}

    private static Set<String> variables() {
        Set<String> names = new HashSet<>(DOWNWARD.keySet());
        names.add(SERVICE_NAME);
        names.addAll(List.of(RESOURCE, IN_A_POD));
        return Set.copyOf(names);
    }

    /** By names of conventions; what was said of the service itself comes before what holds for its resource. */
    static Map<String, String> of(Map<String, String> environment) {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (String pair : environment.getOrDefault(RESOURCE, "").split(",", -1)) {
            String[] parts = pair.strip().split("=", 2);
            if (parts.length == 2 && TAKEN.matcher(parts[0]).matches()) {
                attributes.put(parts[0], decoded(parts[1]));
            }
        }
        if (environment.containsKey(IN_A_POD)) {
            DOWNWARD.forEach((variable, name) -> {
                if (environment.containsKey(variable)) {
                    attributes.putIfAbsent(name, environment.getOrDefault(variable, ""));
                }
            });
        }
        if (!environment.getOrDefault(SERVICE_NAME, "").isBlank()) {
            attributes.put("service.name", environment.getOrDefault(SERVICE_NAME, ""));
        }
        return attributes;
    }

    private static String decoded(String value) {
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            return value; // a percent sign that is one
        }
    }
}
