package io.perfagent.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Location;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import io.perfagent.output.proto.ProfileProto;
import io.perfagent.sink.Metric;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPInputStream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is answered to whom; requests are written byte by byte, as hostile ones are. */
class HttpServiceTest {
    private static final int US = (int) ProcessHandle.current().pid();
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final ProcessProfiles profiles = new ProcessProfiles();
    private HttpService service;

    @BeforeEach
    void start() throws Exception {
        List<Metric> metrics = List.of(Metric.counter("samples_total", "Samples.", Map.of("event", "on-cpu"), 7));
        service = HttpService.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), new RunPages(() -> metrics, profiles));
    }

    @AfterEach
    void stop() {
        service.close();
    }

    @SuppressWarnings("ArrayRecordComponent") // compared by none
    private record Reply(int status, String head, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    private Reply ask(String method, String path, String host) throws IOException {
        try (Socket socket =
                new Socket(service.address().getAddress(), service.address().getPort())) {
            String request = method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            byte[] all = socket.getInputStream().readAllBytes();
            String text = new String(all, StandardCharsets.ISO_8859_1);
            int body = text.indexOf("\r\n\r\n") + 4;
            int status = Integer.parseInt(text.split(" ", 3)[1]);
            return new Reply(
                    status, text.substring(0, body), text.substring(body).getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    private Reply ask(String path) throws IOException {
        return ask("GET", path, "localhost:1");
    }

    @Test
    void figuresAndHealth() throws Exception {
        Reply metrics = ask("/metrics");
        assertThat(metrics.status()).isEqualTo(200);
        assertThat(metrics.head().toLowerCase(Locale.ROOT)).contains("content-type: " + MetricsText.TYPE);
        assertThat(metrics.text())
                .contains("\nperf_agent_samples_total{event=\"on-cpu\"} 7.0\n", "\nprocess_open_fds ");
        assertThat(ask("/healthz").text()).isEqualTo("ok\n");
        assertThat(ask("/").text()).contains("/metrics, /healthz, /profile");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /metrics, evil.example, 403",
        "GET, /metrics, 127.0.0.1.evil.example, 403",
        "GET, /metrics, localhost.evil.example:80, 403",
        "GET, /metrics, 127.0.0.1:9464, 200",
        "GET, /metrics, [::1]:9464, 200",
        "HEAD, /metrics, localhost, 200",
        "POST, /metrics, localhost, 405",
        "DELETE, /profile?pid=1, localhost, 405",
        "GET, /metrics/more, localhost, 404",
        "GET, /etc/passwd, localhost, 404",
        "GET, /profile, localhost, 400",
        "GET, /profile?pid=, localhost, 400",
        "GET, /profile?pid=0, localhost, 400",
        "GET, /profile?pid=-1, localhost, 400",
        "GET, /profile?pid=self, localhost, 400",
        "GET, /profile?pid=1/../1, localhost, 400",
        "GET, /profile?pid=99999999999, localhost, 400",
        "GET, /profile?pid=1&seconds=0, localhost, 400",
        "GET, /profile?pid=1&seconds=1e3, localhost, 400",
        "GET, /profile?pid=1&seconds=301, localhost, 400",
        "GET, /profile?pid=%zz, localhost, 400",
        "GET, /profile?pid=999999999, localhost, 404"
    })
    void whoIsAnsweredWhat(String method, String path, String host, int status) throws Exception {
        Reply reply = ask(method, path, host);
        assertThat(reply.status()).as(reply.text()).isEqualTo(status);
        assertThat(method.equals("HEAD") ? reply.body().length : 0).isZero();
    }

    /** The part between two cuts, of one process. */
    @Test
    void aProfileOfAProcess() throws Exception {
        CompletableFuture<Reply> asked = later("/profile?pid=" + US + "&seconds=2");
        awaitWish();
        profiles.cut(piece(stack(US, 100), stack(1, 100)), 0); // before it has begun
        assertThat(profiles.wantCut(2 * SECOND - 1)).isFalse();
        profiles.cut(piece(stack(US, 3), stack(1, 50)), SECOND);
        assertThat(profiles.wantCut(2 * SECOND)).isTrue();
        profiles.cut(piece(stack(US, 4)), 2 * SECOND);
        Reply reply = asked.get();
        assertThat(reply.status()).isEqualTo(200);
        ProfileProto.Profile profile =
                ProfileProto.Profile.parseFrom(new GZIPInputStream(new ByteArrayInputStream(reply.body())));
        assertThat(profile.getSampleList().stream()
                        .mapToLong(each -> each.getValue(0))
                        .sum())
                .isEqualTo(7);
        assertThat(Duration.ofNanos(profile.getDurationNanos())).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void notMoreThanTwoAtATime() throws Exception {
        CompletableFuture<Reply> one = later("/profile?pid=" + US + "&seconds=9");
        CompletableFuture<Reply> other = later("/profile?pid=" + US + "&seconds=9");
        while (profiles.asked() < 2) {
            Thread.onSpinWait();
        }
        Reply third = ask("/profile?pid=" + US + "&seconds=9");
        assertThat(third.status()).isEqualTo(503);
        assertThat(third.head()).containsIgnoringCase("retry-after: 9");
        assertThat(ask("/metrics").status()).as("others are answered").isEqualTo(200);
        profiles.cut(piece(), 0);
        assertThat(profiles.wantCut(8 * SECOND)).isFalse();
        profiles.cut(piece(stack(US, 2)), SECOND);
        profiles.end(); // with what there is
        assertThat(List.of(one.get().status(), other.get().status())).containsExactly(200, 200);
        assertThat(ask("/profile?pid=" + US).status()).isEqualTo(503);
    }

    @Test
    void anAddressThatIsTakenIsSaid() {
        Assertions.assertThatThrownBy(() -> HttpService.start(service.address(), new RunPages(List::of, profiles)))
                .isInstanceOf(CannotStartException.class)
                .hasMessageContaining("cannot listen on")
                .hasMessageContaining("--listen");
    }

    private CompletableFuture<Reply> later(String path) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return ask(path);
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> Thread.ofPlatform().start(task));
    }

    private void awaitWish() {
        while (!profiles.wantCut(0)) {
            Thread.onSpinWait();
        }
    }

    private static StackCount stack(int pid, long count) {
        return new StackCount(
                pid, pid, "main", Cgroup.UNKNOWN, List.<Location>of(), WalkEnd.END_OF_STACK, false, count);
    }

    private static Profile piece(StackCount... stacks) {
        return new Profile(Instant.EPOCH, Duration.ofSeconds(1), 19, List.of(stacks), List.of());
    }
}
