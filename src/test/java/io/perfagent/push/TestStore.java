package io.perfagent.push;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLContext;

/** A store that answers as a test wants, 200 once it has no more wishes. What real ones do is asked of real ones ({@code make stores}). */
final class TestStore implements AutoCloseable {
    /** No answer at all: the connection is closed. */
    static final int NONE = 0;
    /** An answer with a length that is no number. */
    static final int GARBLED = -1;
    /** Refused, with the header by which it was to be let in. */
    static final int REPEATED = -2;
    /** It is busy, and says so in other words each time. */
    static final int NUMBERED = -3;

    final List<Got> got = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    private final BlockingQueue<Integer> answers = new LinkedBlockingQueue<>();

    @SuppressWarnings("ArrayRecordComponent")
    record Got(String path, String authorization, String tenant, byte[] body) {}

    private TestStore(HttpServer server) {
        this.server = server;
        server.createContext("/", this::answer);
        server.start();
    }

    static TestStore start() throws IOException {
        return onPort(0);
    }

    static TestStore onPort(int port) throws IOException {
        return new TestStore(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 10));
    }

    static TestStore withTls(SSLContext context) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        return new TestStore(server);
    }

    int port() {
        return server.getAddress().getPort();
    }

    String url() {
        return "parca+http://127.0.0.1:" + port();
    }

    /** The next requests are answered so. */
    TestStore answering(Integer... statuses) {
        answers.addAll(List.of(statuses));
        return this;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            got.add(new Got(
                    exchange.getRequestURI().getPath(),
                    String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
                    String.valueOf(exchange.getRequestHeaders().getFirst("X-Scope-OrgID")),
                    exchange.getRequestBody().readAllBytes()));
            Integer status = answers.poll();
            if (status != null && status == NONE) {
                return;
            }
            exchange.getResponseHeaders().add("Location", "http://127.0.0.1:" + port() + "/elsewhere");
            exchange.getResponseHeaders().add("Retry-After", "0");
            if (status != null && status == GARBLED) {
                exchange.getResponseHeaders().add("Content-Length", "some");
                exchange.sendResponseHeaders(200, 0);
                return;
            }
            if (status != null && status == REPEATED) {
                say(exchange, 400, "not with " + exchange.getRequestHeaders().getFirst("Authorization"));
                return;
            }
            if (status != null && status == NUMBERED) {
                say(exchange, 503, "request " + got.size());
                return;
            }
            exchange.sendResponseHeaders(status == null ? 200 : status, -1);
        }
    }

    private static void say(HttpExchange exchange, int status, String words) throws IOException {
        byte[] body = words.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
