package io.perfagent.push.series;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Location;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What processes are called: each a real one, but for those of pods. */
class ServiceNamesTest {
    private static final Location SOMEWHERE = new Location(Location.Kind.NATIVE, 1, null, new Call("somewhere", ""));

    private static Labels labels(long pid, String thread, Cgroup cgroup) {
        StackCount stack = new StackCount(
                (int) pid, (int) pid, thread, cgroup, List.of(SOMEWHERE), WalkEnd.END_OF_STACK, false, 1);
        ProcessLabels processes = new ProcessLabels("node-7");
        processes.look(new Profile(Instant.EPOCH, Duration.ofSeconds(1), 100, List.of(stack), List.of()));
        return processes.of(stack);
    }

    private static Labels started(Map<String, String> environment, Cgroup cgroup) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("sleep", "60");
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            return labels(process.pid(), "sleep", cgroup);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void whatTheProcessWasToldComesFirst() throws IOException {
        Labels labels = started(
                Map.of(
                        "OTEL_SERVICE_NAME",
                        "shop",
                        "OTEL_RESOURCE_ATTRIBUTES",
                        "service.name=other,service.version=1%2C2"),
                new Cgroup("/system.slice/web.service", "", ""));
        assertThat(labels.values())
                .containsEntry("service.name", "shop")
                .containsEntry("service.version", "1,2")
                .containsEntry("host.name", "node-7")
                .containsEntry("process.executable.name", "sleep");
    }

    @Test
    void aPodSaysItByTheDownwardApi() throws IOException {
        Labels labels = started(
                Map.of(
                        "KUBERNETES_SERVICE_HOST",
                        "10.0.0.1",
                        "POD_NAME",
                        "shop-5d",
                        "POD_NAMESPACE",
                        "prod",
                        "CONTAINER_NAME",
                        "web"),
                new Cgroup("/kubepods/pod1/c0ffee", "c0ffee", "0125ec2f-b64a-4868-8f5b-94b56cbab864"));
        assertThat(labels.values())
                .containsEntry("service.name", "web")
                .containsEntry("k8s.pod.name", "shop-5d")
                .containsEntry("k8s.namespace.name", "prod")
                .containsEntry("k8s.pod.uid", "0125ec2f-b64a-4868-8f5b-94b56cbab864")
                .containsEntry("container.id", "c0ffee");
    }

    /** Such names are nothing special. */
    @Test
    void outsideOfPodsTheirVariablesSayNothing() throws IOException {
        assertThat(started(Map.of("POD_NAME", "x", "CONTAINER_NAME", "y"), Cgroup.UNKNOWN)
                        .values())
                .containsEntry("service.name", "sleep")
                .doesNotContainKey("k8s.pod.name");
    }

    @Test
    void aUnitComesBeforeTheProgram() throws IOException {
        assertThat(started(Map.of(), new Cgroup("/system.slice/shop-web.service", "", ""))
                        .service())
                .isEqualTo("shop-web");
        assertThat(started(Map.of(), new Cgroup("/user.slice/user-0.slice/user@0.service/app.slice/x.scope", "", ""))
                        .service())
                .isEqualTo("sleep");
    }

    @Test
    void oneThatHasEndedHasTheNameOfItsThread() {
        assertThat(labels(Integer.MAX_VALUE, "worker\n1", Cgroup.UNKNOWN).service())
                .isEqualTo("worker\ufffd1");
        assertThat(labels(Integer.MAX_VALUE, "", Cgroup.UNKNOWN).service()).isEqualTo("unknown");
    }

    /** Nothing else of an environment is looked at. */
    @Test
    void secretsStay() throws IOException {
        Labels labels = started(
                Map.of("DB_PASSWORD", "hunter2", "OTEL_RESOURCE_ATTRIBUTES", "password=hunter2,k8s.cluster.name=blue"),
                Cgroup.UNKNOWN);
        assertThat(labels.toString()).doesNotContain("hunter2").contains("blue");
    }

    @Test
    void longValuesAreCutWithinWhatStoresTake() throws IOException {
        Labels labels = started(Map.of("OTEL_SERVICE_NAME", "\ud83d\ude00".repeat(3_000)), Cgroup.UNKNOWN);
        assertThat(labels.service().getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .hasSizeLessThanOrEqualTo(2_048)
                .hasSizeGreaterThan(1_000);
        assertThat(labels.service()).doesNotContain("\ufffd");
    }

    @Test
    void modulesComeFromPaths() {
        assertThat(QualifiedNames.module("/srv/shop/web.py")).isEqualTo("shop.web");
        assertThat(QualifiedNames.module("/srv/shop/__init__.py")).isEqualTo("srv.shop");
        assertThat(QualifiedNames.module("app.py")).isEqualTo("app");
        assertThat(QualifiedNames.module("/usr/lib/python3.12/json/__init__.py"))
                .isEqualTo("json");
        assertThat(QualifiedNames.module("/venv/lib/python3.12/site-packages/django/db/models/query.py"))
                .isEqualTo("django.db.models.query");
        assertThat(QualifiedNames.module("<frozen importlib._bootstrap>")).isEqualTo("importlib._bootstrap");
        assertThat(QualifiedNames.module("")).isEmpty();
    }
}
