package io.perfagent.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.Profile;
import io.perfagent.output.ProfileOf;
import io.perfagent.push.series.Series;
import io.perfagent.report.Log;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of profiles when a store fails, in each way in which it can. */
class PusherTest {
    private static final Pauses SHORT = new Pauses(Duration.ofMillis(1), Duration.ofMillis(20));
    private static final long ROOM = 1 << 20;
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    Path directory;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final Log log = new Log(new PrintStream(said, true, StandardCharsets.UTF_8));
    private TestStore store;

    @BeforeEach
    void start() throws IOException {
        store = TestStore.start();
    }

    @AfterEach
    void stop() {
        store.close();
    }

    private Pusher pusher(String target) throws CannotStartException {
        return Pusher.start(PushTarget.parse(target), directory.resolve("queue"), ROOM, SHORT, log);
    }

    /** One stack: one series, one request. */
    private static Profile profile() {
        return Series.part(ProfileOf.known(), List.of(ProfileOf.known().stacks().getFirst()));
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(5);
        }
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    @Test
    void whatSurelyWasNotTakenIsSentAgain() throws Exception {
        store.answering(503, 429, 502, 401, 500);
        try (Pusher pusher = pusher(store.url())) {
            pusher.take(profile());
            await(() -> pusher.counts().sent() == 1 && pusher.waiting() == 0);
            assertThat(pusher.counts()).isEqualTo(new PushCounts(1, 0, 0, 0, 0, 0));
        }
        assertThat(store.got).hasSize(6).allMatch(got -> got.path().equals("/api/profiles/writeraw"));
        assertThat(store.got.stream()
                        .map(got -> new String(got.body(), StandardCharsets.UTF_8))
                        .distinct())
                .hasSize(1);
    }

    @Test
    void aRequestByWhichTheStoreFailsIsGivenUp() throws Exception {
        store.answering(500, 500, 500, 503, 500, 500);
        try (Pusher pusher = pusher(store.url())) {
            pusher.take(profile());
            pusher.take(profile());
            await(() -> pusher.counts().sent() == 1);
            assertThat(pusher.counts()).isEqualTo(new PushCounts(1, 1, 0, 0, 0, 0));
        }
        assertThat(store.got).hasSize(7);
    }

    /** Stores put times and numbers into what they say. */
    @Test
    void aCauseIsSaidOnceWhateverItsWords() throws Exception {
        store.answering(TestStore.NUMBERED, TestStore.NUMBERED, TestStore.NUMBERED, 429, TestStore.NUMBERED);
        try (Pusher pusher = pusher(store.url())) {
            pusher.take(profile());
            await(() -> pusher.counts().sent() == 1);
            store.answering(TestStore.NUMBERED, 429);
            pusher.take(profile());
            await(() -> pusher.counts().sent() == 2);
        }
        assertThat(store.got).hasSize(9);
        assertThat(said().lines())
                .filteredOn(line -> !line.contains("push ended"))
                .containsExactly(
                        "push waits to=" + store.url() + " reason=\"HTTP 503: request 1\"",
                        "push waits to=" + store.url() + " reason=\"HTTP 429\"",
                        "push works again to=" + store.url() + " waiting=1");
    }

    @Test
    void whatAnEarlierRunLeftIsSaid() throws Exception {
        String down = "parca+http://127.0.0.1:" + freePort();
        Path queue;
        try (Pusher pusher = pusher(down)) {
            pusher.take(profile());
            pusher.take(profile());
            await(() -> !pusher.trouble().isEmpty());
            queue = directory.resolve("queue").resolve(pusher.target().directoryName());
        }
        Files.writeString(queue.resolve("00000000000000f0-3.sending"), "on its way");
        Files.writeString(queue.resolve("00000000000000f1-4.partial"), "half");
        pusher(down).close();
        assertThat(said())
                .contains("push goes on with what an earlier run has left to=" + down
                        + " waiting=2 unconfirmed=3 unwritten=4 dropped=0");
    }

    /** Nothing waits in memory for it, and what the disk does take is sent. */
    @Test
    void whatTheDiskDoesNotTakeIsCounted() throws Exception {
        try (Pusher pusher = pusher(store.url())) {
            pusher.take(profile());
            await(() -> pusher.counts().sent() == 1);
            Path queue = directory.resolve("queue").resolve(pusher.target().directoryName());
            Path elsewhere = Files.move(queue, directory.resolve("elsewhere"));
            assertThatThrownBy(() -> pusher.take(profile())).isInstanceOf(IOException.class);
            Files.move(elsewhere, queue);
            pusher.take(profile());
            await(() -> pusher.counts().sent() == 2);
            assertThat(pusher.counts()).isEqualTo(new PushCounts(2, 0, 0, 0, 0, 1));
        }
    }

    @Test
    void whatIsRefusedIsNotSentAgain() throws Exception {
        store.answering(400, 413, 404);
        try (Pusher pusher = pusher(store.url())) {
            for (int at = 0; at < 4; at++) {
                pusher.take(profile());
            }
            await(() -> pusher.counts().sent() == 1);
            assertThat(pusher.counts()).isEqualTo(new PushCounts(1, 3, 0, 0, 0, 0));
        }
        assertThat(store.got).hasSize(4);
        assertThat(said()).contains("push refused to=" + store.url() + " reason=\"HTTP 400\"");
    }

    /** Stores count twice what they get twice. */
    @Test
    void whatMayHaveBeenTakenIsNotSentAgain() throws Exception {
        store.answering(TestStore.NONE, 504, TestStore.GARBLED);
        try (Pusher pusher = pusher(store.url())) {
            for (int at = 0; at < 4; at++) {
                pusher.take(profile());
            }
            await(() -> pusher.counts().sent() == 1);
            assertThat(pusher.counts()).isEqualTo(new PushCounts(1, 0, 3, 0, 0, 0));
        }
        assertThat(store.got).hasSize(4);
    }

    @Test
    void redirectsAreNotFollowed() throws Exception {
        store.answering(307, 302);
        Path token = Files.writeString(directory.resolve("token"), "hunter2\n");
        try (Pusher pusher = pusher(store.url() + ",token-file=" + token)) {
            pusher.take(profile());
            pusher.take(profile());
            await(() -> pusher.counts().refused() == 2);
        }
        assertThat(store.got).hasSize(2).noneMatch(got -> got.path().equals("/elsewhere"));
    }

    @Test
    void secretsAreReadForEachRequest() throws Exception {
        Path token = Files.writeString(directory.resolve("token"), "hunter2\n");
        try (Pusher pusher = pusher(store.url() + ",token-file=" + token + ",tenant=shop")) {
            pusher.take(profile());
            await(() -> pusher.counts().sent() == 1);
            Files.writeString(token, "two\r\nX: lines");
            pusher.take(profile());
            await(() -> !pusher.trouble().isEmpty());
            assertThat(pusher.trouble()).contains(token.toString()).doesNotContain("lines");
            Files.writeString(token, "hunter3");
            await(() -> pusher.counts().sent() == 2);
        }
        assertThat(store.got)
                .extracting(TestStore.Got::authorization)
                .containsExactly("Bearer hunter2", "Bearer hunter3");
        assertThat(store.got).extracting(TestStore.Got::tenant).containsOnly("shop");
        assertThat(said()).doesNotContain("hunter");
    }

    /** What a store says of a request is shown, but for what would tell how to get in. */
    @Test
    void anAnswerThatRepeatsASecretIsNotShown() throws Exception {
        store.answering(TestStore.REPEATED, TestStore.REPEATED, TestStore.REPEATED);
        Path token = Files.writeString(directory.resolve("token"), "hunter2\n");
        Path pair = Files.writeString(directory.resolve("pair"), "shop:hunter2\n");
        for (String access : List.of(",token-file=" + token, ",basic-file=" + pair, "")) {
            try (Pusher pusher = pusher(store.url() + access)) {
                pusher.take(profile());
                await(() -> pusher.counts().refused() == 1);
            }
        }
        assertThat(said()).contains("HTTP 400", "not with null").doesNotContain("hunter", "c2hvcDpodW50ZXIy");
    }

    @Test
    void whatWaitsForAStoreThatIsDownIsSentWhenItIsBack() throws Exception {
        int port = freePort();
        String target = "parca+http://127.0.0.1:" + port;
        try (Pusher pusher = pusher(target)) {
            for (int at = 0; at < 20; at++) {
                pusher.take(profile());
            }
            await(() -> !pusher.trouble().isEmpty());
        } // ends, though nothing can be sent
        try (Pusher pusher = pusher(target)) {
            assertThat(pusher.waiting()).isGreaterThanOrEqualTo(19);
            await(() -> !pusher.trouble().isEmpty());
            try (TestStore back = TestStore.onPort(port)) {
                await(() -> pusher.counts().sent() == 20);
                assertThat(back.got).hasSize(20);
            }
            assertThat(pusher.counts().nothingLost()).isTrue();
        }
        assertThat(said().lines().filter(line -> line.startsWith("push waits"))).hasSize(2);
        assertThat(said()).contains("push works again to=" + target);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** A certificate is checked, against the authorities that were given. */
    @Test
    void whoIsNotWhoItSaysGetsNothing() throws Exception {
        try (TestStore withTls = TestStore.withTls(certified("localhost"))) {
            String url = "parca+https://localhost:" + withTls.port();
            try (Pusher pusher = pusher(url)) {
                pusher.take(profile());
                await(() -> !pusher.trouble().isEmpty());
            }
            assertThat(withTls.got).isEmpty();
            String trusted = ",ca=" + directory.resolve("certificate.pem");
            try (Pusher pusher = pusher("parca+https://127.0.0.1:" + withTls.port() + trusted)) {
                pusher.take(profile());
                await(() -> !pusher.trouble().isEmpty()); // not the name of the certificate
            }
            assertThat(withTls.got).isEmpty();
            try (Pusher pusher = pusher(url + trusted)) {
                await(() -> pusher.counts().sent() == 1);
            }
        }
    }

    /** Nothing was sent: it waits until somebody mends the address, or the store. */
    @Test
    void whatSpeaksNoTlsGetsItLater() throws Exception {
        try (ServerSocket plain = new ServerSocket(0)) {
            Thread _ = Thread.ofPlatform().daemon().start(() -> answerPlainly(plain));
            try (Pusher pusher = pusher("parca+https://127.0.0.1:" + plain.getLocalPort())) {
                pusher.take(profile());
                await(() -> !pusher.trouble().isEmpty());
                assertThat(pusher.counts().nothingLost()).isTrue();
            }
        }
        assertThat(said()).contains("push waits to=parca+https://127.0.0.1:");
    }

    /** A server of HTTP/1.0 closes each connection behind its answer, and does not say so: Python's http.server is one. */
    @Test
    void aStoreOfHttp10GetsEachRequestOnce() throws Exception {
        int requests = 300;
        try (ServerSocket old = new ServerSocket(0)) {
            try (Pusher pusher = pusher("parca+http://127.0.0.1:" + old.getLocalPort())) {
                for (int request = 0; request < requests; request++) {
                    pusher.take(profile());
                }
                Thread _ = Thread.ofPlatform().daemon().start(() -> answerAndClose(old));
                await(() -> pusher.waiting() == 0);
                assertThat(pusher.counts()).isEqualTo(new PushCounts(requests, 0, 0, 0, 0, 0));
            }
        }
    }

    private static void answerAndClose(ServerSocket old) {
        while (!old.isClosed()) {
            try (Socket asked = old.accept()) {
                BufferedInputStream in = new BufferedInputStream(asked.getInputStream());
                int body = 0;
                for (String line = line(in); !line.isEmpty(); line = line(in)) {
                    body = line.startsWith("Content-Length: ") ? Integer.parseInt(line.substring(16)) : body;
                }
                in.skipNBytes(body);
                asked.getOutputStream()
                        .write("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                Thread.sleep(1); // as long as one in Python takes
            } catch (IOException | InterruptedException _) {
                // who asked has gone, or the test has ended
            }
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n' && next >= 0; next = in.read()) {
            line.append((char) next);
        }
        return line.toString().strip();
    }

    private static void answerPlainly(ServerSocket plain) {
        while (!plain.isClosed()) {
            try (Socket asked = plain.accept()) {
                int _ = asked.getInputStream().read(new byte[4096]);
                asked.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            } catch (IOException _) {
                // who asked has gone, or the test has ended
            }
        }
    }

    private SSLContext certified(String host) throws Exception {
        Path keys = directory.resolve("keys");
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        run(keytool + " -genkeypair -alias a -keyalg EC -keystore " + keys + " -storepass changeit -dname CN=" + host
                + " -ext san=dns:" + host);
        run(keytool + " -exportcert -rfc -alias a -keystore " + keys + " -storepass changeit -file "
                + directory.resolve("certificate.pem"));
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, PASSWORD);
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }

    private static void run(String command) throws Exception {
        assertThat(new ProcessBuilder(command.split(" ")).inheritIO().start().waitFor())
                .isZero();
    }

    @Test
    void aRunThatHasEndedSaysWhatWasNotTaken() throws Exception {
        PushOnce once =
                new PushOnce(List.of(PushTarget.parse(store.url())), List.of(), SHORT, Duration.ofSeconds(30), log);
        store.answering(503, 429);
        once.send(List.of(profile()));
        assertThat(store.got).hasSize(3);
        assertThat(said()).contains("push sent to=" + store.url() + " profiles=1");
        store.answering(400);
        assertThatThrownBy(() -> once.send(List.of(profile())))
                .isInstanceOf(CannotStartException.class)
                .hasMessageContaining("not all was taken by " + store.url() + ": HTTP 400");
        assertThat(Objects.requireNonNull(store.got.getLast()).path()).isEqualTo("/api/profiles/writeraw");
    }
}
