package io.perfagent.push;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.perfagent.agent.ProfilingSession;
import io.perfagent.agent.StopSignal;
import io.perfagent.model.Event;
import io.perfagent.model.Profile;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.UnwindMode;
import io.perfagent.output.PprofEncoder;
import io.perfagent.push.series.QualifiedNames;
import io.perfagent.report.Log;
import io.perfagent.testing.TargetProgram;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Profiles of a Python service sent to real servers, which are killed in between, and asked back: function names, files, lines, labels and
 * sums are those of the local files. For {@code make stores}, which builds the servers.
 */
class StoresCheck {
    private static final Path SERVERS = Path.of(System.getProperty("stores", "missing"));
    private static final Duration TIME = Duration.ofSeconds(Long.getLong("stores.seconds", 60));
    private static final Duration INTERVAL = Duration.ofSeconds(3);
    private static final int RATE = 199;
    private static final long ROOM = 64 << 20;

    @TempDir
    Path directory;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final Log log = new Log(new PrintStream(said, true, StandardCharsets.UTF_8));
    private final Instant began = Instant.now();

    /** Profiles a service interval after interval; in the second third of the time the store is down. */
    private List<Profile> pushed(String url, StoreServer server) throws Exception {
        List<Profile> profiles = new ArrayList<>();
        Path python = Path.of("src/test/workloads/lines.py").toAbsolutePath();
        try (TargetProgram service = TargetProgram.start(
                        Map.of("OTEL_SERVICE_NAME", "shop", "PAUSE", "0.002"), List.of("python3", python.toString()));
                Pusher pusher = Pusher.start(
                        PushTarget.parse(url),
                        directory.resolve("queue"),
                        ROOM,
                        new Pauses(Duration.ofMillis(100), Duration.ofSeconds(1)),
                        log)) {
            int intervals = (int) Math.max(6, TIME.dividedBy(INTERVAL));
            for (int at = 0; at < intervals; at++) {
                if (at == intervals / 3) {
                    await(pusher);
                    server.kill();
                }
                if (at == 2 * intervals / 3) {
                    assertThat(pusher.waiting()).isPositive();
                    server.startAgain();
                }
                Profile profile = profiled(service.pid());
                profiles.add(profile);
                pusher.take(profile);
            }
            await(pusher);
            assertThat(pusher.counts().nothingLost())
                    .as(pusher.counts() + "\n" + said)
                    .isTrue();
        }
        return profiles;
    }

    private static void await(Pusher pusher) throws InterruptedException {
        while (pusher.waiting() > 0 || !pusher.trouble().isEmpty()) {
            Thread.sleep(50);
        }
    }

    private Profile profiled(int pid) throws Exception {
        ProfileRequest request = new ProfileRequest(
                List.of(pid),
                false,
                true,
                INTERVAL,
                RATE,
                UnwindMode.AUTO,
                false,
                false,
                directory.resolve("local.pb.gz"),
                List.of());
        Profile profile =
                new ProfilingSession(request, StopSignal.manual(), log).run().profile();
        assertThat(profile.stacks()).as(said.toString(StandardCharsets.UTF_8)).isNotEmpty();
        assertThat(request.events()).containsExactly(Event.CPU_CLOCK);
        return profile;
    }

    private static StackSums local(List<Profile> profiles, UnaryOperator<Profile> change) throws IOException {
        StackSums sums = new StackSums();
        for (Profile profile : profiles) {
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            PprofEncoder.writePlain(change.apply(profile), true, file);
            sums.addPprof(file.toByteArray());
        }
        assertThat(sums.sums().keySet()).anyMatch(stack -> stack.contains("lines.py:"));
        return sums;
    }

    private void report(String store, List<Profile> profiles, StackSums sums) throws IOException {
        System.out.printf(
                "%s: %d intervals, %d stacks, %.3f s of CPU: equal%n",
                store, profiles.size(), sums.sums().size(), sums.total() / 1e9);
    }

    @Test
    void pyroscope() throws Exception {
        int port = StoreServer.freePort();
        Path taken = Files.createDirectory(directory.resolve("taken"));
        String url = "http://127.0.0.1:" + port;
        List<String> command = List.of(SERVERS.resolve("pyroscope").toString(), "127.0.0.1:" + port, taken.toString());
        List<Profile> profiles;
        try (StoreServer server = StoreServer.start(command, directory, url + "/ready")) {
            profiles = pushed("pyroscope+" + url, server);
        }
        StackSums back = new StackSums();
        try (Stream<Path> files = Files.list(taken)) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(".pb.gz")).toList()) {
                back.addPprof(Files.readAllBytes(file));
                assertThat(Files.readString(Path.of(file.toString().replace(".pb.gz", ".labels"))))
                        .contains("__name__=process_cpu\n", "service_name=shop\n", "process_executable_name=python3");
            }
        }
        assertThat(back.sums())
                .isEqualTo(local(profiles, UnaryOperator.identity()).sums());
        report("pyroscope", profiles, back);
    }

    @Test
    void parca() throws Exception {
        int port = StoreServer.freePort();
        Path data = Files.createDirectory(directory.resolve("data"));
        Path config = Files.writeString(
                directory.resolve("parca.yaml"),
                "object_storage: {bucket: {type: FILESYSTEM, config: {directory: " + data + "}}}\n");
        String url = "http://127.0.0.1:" + port;
        List<String> command = List.of(
                SERVERS.resolve("parca").toString(),
                "--config-path=" + config,
                "--http-address=127.0.0.1:" + port,
                "--enable-persistence",
                "--storage-enable-wal",
                "--storage-path=" + data,
                "--log-level=warn");
        try (StoreServer server = StoreServer.start(command, directory, url + "/api/profiles/types")) {
            List<Profile> profiles = pushed("parca+" + url, server);
            StackSums back = new StackSums();
            back.addPprof(asked(url, ""));
            assertThat(back.sums())
                    .isEqualTo(local(profiles, QualifiedNames::of).sums());
            report("parca", profiles, back);
            StackSums labelled = new StackSums();
            labelled.addPprof(asked(
                    url, "service_name=\"shop\",thread_name=~\"python.*\",process_executable_name=~\"python3.*\""));
            assertThat(labelled.total()).isEqualTo(back.total());
        }
    }

    /** All of the time, merged, by Parca's own query API. */
    private byte[] asked(String url, String matchers) throws Exception {
        String query = "perf_agent:cpu:nanoseconds:cpu:nanoseconds:delta{" + matchers + "}";
        String answer = new String(
                StoreServer.get(url + "/api/profiles/query?mode=MODE_MERGE&report_type=REPORT_TYPE_PPROF&merge.query="
                        + URLEncoder.encode(query, StandardCharsets.UTF_8) + "&merge.start=" + began.minusSeconds(60)
                        + "&merge.end=" + Instant.now().plusSeconds(60)),
                StandardCharsets.UTF_8);
        Matcher pprof = Pattern.compile("\"pprof\":\\s*\"([^\"]+)\"").matcher(answer);
        assertThat(pprof.find()).as(answer).isTrue();
        return Base64.getDecoder().decode(pprof.group(1));
    }

    /** What the collector hands on, by its own exporter, as the official classes read it. */
    @Test
    void collector() throws Exception {
        List<ExportProfilesServiceRequest> received = new CopyOnWriteArrayList<>();
        HttpServer behind = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        behind.createContext("/", exchange -> {
            try (exchange) {
                byte[] body = exchange.getRequestBody().readAllBytes();
                boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
                received.add(ExportProfilesServiceRequest.parseFrom(
                        zipped ? new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes() : body));
                exchange.sendResponseHeaders(200, -1);
            }
        });
        behind.start();
        int port = StoreServer.freePort();
        String url = "http://127.0.0.1:" + port;
        Path config = Files.writeString(directory.resolve("collector.yaml"), """
                receivers: {otlp: {protocols: {http: {endpoint: 127.0.0.1:%d}}}}
                exporters:
                  debug: {verbosity: basic}
                  otlphttp: {endpoint: "http://127.0.0.1:%d", sending_queue: {enabled: false}}
                service:
                  telemetry: {metrics: {level: none}}
                  pipelines: {profiles: {receivers: [otlp], exporters: [otlphttp, debug]}}
                """.formatted(
                        port, behind.getAddress().getPort()));
        List<String> command = List.of(
                SERVERS.resolve("collector").toString(),
                "--config=" + config,
                "--feature-gates=service.profilesSupport");
        try (StoreServer server = StoreServer.start(command, directory, url)) {
            List<Profile> profiles = pushed("otlp+" + url, server);
            StackSums back = new StackSums();
            received.forEach(back::addOtlp);
            assertThat(back.sums())
                    .isEqualTo(local(profiles, UnaryOperator.identity()).sums());
            assertThat(received).isNotEmpty().allMatch(StoresCheck::isAllOfShop);
            report("collector", profiles, back);
        } finally {
            behind.stop(0);
        }
    }

    /** A collector hands on names and values of attributes as numbers of its table of strings. */
    private static boolean isAllOfShop(ExportProfilesServiceRequest message) {
        List<String> strings = message.getDictionary().getStringTableList();
        return message.getResourceProfilesList().stream()
                .allMatch(resource -> resource.getResource().getAttributesList().stream()
                        .anyMatch(attribute -> text(attribute.getKey(), attribute.getKeyStrindex(), strings)
                                        .equals("service.name")
                                && text(
                                                attribute.getValue().getStringValue(),
                                                attribute.getValue().getStringValueStrindex(),
                                                strings)
                                        .equals("shop")));
    }

    private static String text(String itself, int number, List<String> strings) {
        return number == 0 ? itself : strings.get(number);
    }
}
