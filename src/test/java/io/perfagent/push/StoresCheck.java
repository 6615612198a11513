package io.perfagent.push;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.perfagent.model.CannotStartException;
import io.perfagent.output.ProfileOf;
import io.perfagent.report.Log;
import io.perfagent.testing.Tool;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Profiles of a Python service, sent by runs that are killed to real servers that are killed, and asked back: function names, files, lines,
 * labels and sums are those of the local files. For {@code make stores}, which builds the servers. All stores at once.
 */
@Execution(ExecutionMode.CONCURRENT)
class StoresCheck {
    private static final Path SERVERS = Path.of(System.getProperty("stores", "missing"));
    private static final Duration TIME = Duration.ofSeconds(Long.getLong("stores.seconds", 120));

    @TempDir
    Path directory;

    private final Instant began = Instant.now();

    /**
     * Profiles a service, eighth by eighth of the time. What is killed is killed between two intervals, so that all that is in files is in the
     * store; {@link StoreFaultsCheck} kills in the middle of them.
     *
     * <pre>
     *   run     ───────╴╶─────────────────────────────╴╶─────────────────────────────▶
     *   store   ───────────────╴                             ╶───────────────────────▶
     *                  1       2              4              6                       8
     * </pre>
     */
    private Path pushed(String url, StoreServer server) throws Exception {
        Duration part = TIME.dividedBy(8);
        try (PushingRun run = PushingRun.start(directory.resolve("run"), url, "3s")) {
            run.goOn(part);
            run.kill();
            run.startAgain();
            run.goOn(part);
            run.awaitTaken();
            run.meanwhile(server::kill);
            run.goOn(part.multipliedBy(2));
            run.kill();
            run.startAgain();
            run.goOn(part.multipliedBy(2));
            run.awaitQueue();
            server.startAgain();
            run.goOn(part.multipliedBy(2));
            run.awaitTaken();
            assertThat(run.ended()).contains("waiting=0 refused=0 unconfirmed=0 dropped=0 corrupt=0 unwritten=0");
            return run.profiles();
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(one -> one.toString().endsWith(".pb.gz")).toList();
        }
    }

    private static StackSums local(Path profiles, StackSums sums) throws IOException {
        for (Path file : files(profiles)) {
            sums.addPprof(Files.readAllBytes(file));
        }
        assertThat(sums.sums().keySet()).anyMatch(stack -> stack.contains("lines.py:"));
        return sums;
    }

    private static void report(String store, Path profiles, StackSums sums) throws IOException {
        System.out.printf(
                "%s: %d s, %d intervals, %d stacks, %.3f s of CPU, run killed twice, store once: equal%n",
                store, TIME.toSeconds(), files(profiles).size(), sums.sums().size(), sums.total() / 1e9);
    }

    @Test
    void pyroscope() throws Exception {
        int port = StoreServer.freePort();
        Path taken = Files.createDirectory(directory.resolve("taken"));
        String url = "http://127.0.0.1:" + port;
        List<String> command = List.of(SERVERS.resolve("pyroscope").toString(), "127.0.0.1:" + port, taken.toString());
        Path profiles;
        try (StoreServer server = StoreServer.start(command, directory, url + "/ready")) {
            profiles = pushed("pyroscope+" + url, server);
        }
        StackSums back = new StackSums();
        for (Path file : files(taken)) {
            back.addPprof(Files.readAllBytes(file));
            assertThat(Files.readString(Path.of(file.toString().replace(".pb.gz", ".labels"))))
                    .contains("__name__=process_cpu\n", "service_name=shop\n", "process_executable_name=python3");
        }
        assertThat(local(profiles, new StackSums()).differences(back)).isEmpty();
        report("pyroscope", profiles, back);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "grpc"})
    void parca(String scheme) throws Exception {
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
            Path profiles = pushed("parca+" + scheme + "://127.0.0.1:" + port, server);
            StackSums back = new StackSums();
            back.addPprof(asked(url, ""));
            assertThat(local(profiles, StackSums.withModules()).differences(back))
                    .isEmpty();
            report("parca by " + scheme, profiles, back);
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
    @ParameterizedTest
    @ValueSource(strings = {"http", "grpc"})
    void collector(String scheme) throws Exception {
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
        int grpc = StoreServer.freePort();
        String url = "http://127.0.0.1:" + port;
        Path config = Files.writeString(directory.resolve("collector.yaml"), """
                receivers: {otlp: {protocols: {http: {endpoint: 127.0.0.1:%d}, grpc: {endpoint: 127.0.0.1:%d}}}}
                exporters:
                  debug: {verbosity: basic}
                  otlphttp: {endpoint: "http://127.0.0.1:%d", sending_queue: {enabled: false}}
                service:
                  telemetry: {metrics: {level: none}}
                  pipelines: {profiles: {receivers: [otlp], exporters: [otlphttp, debug]}}
                """.formatted(
                        port, grpc, behind.getAddress().getPort()));
        List<String> command = List.of(
                SERVERS.resolve("collector").toString(),
                "--config=" + config,
                "--feature-gates=service.profilesSupport");
        try (StoreServer server = StoreServer.start(command, directory, url)) {
            Path profiles = pushed("otlp+" + scheme + "://127.0.0.1:" + (scheme.equals("grpc") ? grpc : port), server);
            StackSums back = new StackSums();
            received.forEach(back::addOtlp);
            assertThat(local(profiles, new StackSums()).differences(back)).isEmpty();
            assertThat(received).isNotEmpty().allMatch(StoresCheck::isAllOfShop);
            report("collector by " + scheme, profiles, back);
        } finally {
            behind.stop(0);
        }
    }

    /** Certificates are checked by gRPC as well, against the authorities that were given, and for the host's name. */
    @Test
    void grpcToWhoIsNotWhoItSays() throws Exception {
        Path key = directory.resolve("key.pem");
        Path certificate = directory.resolve("certificate.pem");
        var _ = Tool.output(
                ("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 5 -subj /CN=localhost"
                                + " -addext subjectAltName=DNS:localhost -keyout " + key + " -out " + certificate)
                        .split(" "));
        int port = StoreServer.freePort();
        int ready = StoreServer.freePort();
        Path config =
                Files.writeString(directory.resolve("collector.yaml"), """
                receivers:
                  otlp:
                    protocols:
                      http: {endpoint: 127.0.0.1:%d}
                      grpc: {endpoint: 127.0.0.1:%d, tls: {cert_file: %s, key_file: %s}}
                exporters: {debug: {}}
                service:
                  telemetry: {metrics: {level: none}}
                  pipelines: {profiles: {receivers: [otlp], exporters: [debug]}}
                """.formatted(ready, port, certificate, key));
        List<String> command = List.of(
                SERVERS.resolve("collector").toString(),
                "--config=" + config,
                "--feature-gates=service.profilesSupport");
        try (StoreServer _ = StoreServer.start(command, directory, "http://127.0.0.1:" + ready)) {
            assertThat(sent("otlp+grpcs://localhost:" + port + ",ca=" + certificate))
                    .isEmpty();
            assertThat(sent("otlp+grpcs://127.0.0.1:" + port + ",ca=" + certificate))
                    .contains("No subject alternative names");
            assertThat(sent("otlp+grpcs://localhost:" + port)).contains("unable to find valid certification path");
            assertThat(sent("otlp+grpc://localhost:" + port)).contains("gRPC may not be spoken there");
        }
    }

    /** Why a profile was not taken; {@code ""} where it was. */
    private static String sent(String target) {
        Pauses pauses = new Pauses(Duration.ofMillis(1), Duration.ofMillis(1));
        try {
            new PushOnce(
                            List.of(PushTarget.parse(target)),
                            List.of(),
                            pauses,
                            Duration.ofSeconds(3),
                            new Log(new PrintStream(OutputStream.nullOutputStream())))
                    .send(List.of(ProfileOf.known()));
            return "";
        } catch (CannotStartException e) {
            return String.valueOf(e.getMessage());
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
