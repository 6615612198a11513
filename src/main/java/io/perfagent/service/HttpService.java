package io.perfagent.service;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.perfagent.model.CannotStartException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * Answers questions about a run over HTTP. It reads only, and listens only where it was told to. On loopback it answers to names of
 * loopback only: a page in a browser of the same machine can have its own name lead there (DNS rebinding).
 */
public final class HttpService implements AutoCloseable {
    private static final int MOST_THREADS = 4;
    private static final int MOST_WAITING = 32;
    private static final int BACKLOG = 16;
    private static final int END_SECONDS = 1;
    private static final Pattern LOOPBACK = Pattern.compile("(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?");

    private final HttpServer server;
    private final ThreadPoolExecutor threads;

    /** Answers GET and HEAD of one path. */
    interface Page {
        Answer answer(Map<String, String> query) throws InterruptedException;
    }

    /** What is answered: the body, its type, and more headers. */
    @SuppressWarnings("ArrayRecordComponent") // made, sent, compared by none
    record Answer(int status, String type, byte[] body, Map<String, String> headers) {
        static Answer text(int status, String text) {
            return new Answer(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8), Map.of());
        }
    }

    static {
        // Of the JDK's server, seconds and counts: nobody holds a thread of it for long.
        System.setProperty("sun.net.httpserver.maxReqTime", "10");
        System.setProperty("sun.net.httpserver.maxRspTime", String.valueOf(ProfilePage.LONGEST_SECONDS + 60));
        System.setProperty("sun.net.httpserver.maxReqHeaders", "64");
        System.setProperty("jdk.httpserver.maxConnections", "64");
    }

    private HttpService(HttpServer server, ThreadPoolExecutor threads) {
        this.server = server;
        this.threads = threads;
    }

    /** Listens, and answers from now on. */
    public static HttpService start(InetSocketAddress address, RunPages pages) throws CannotStartException {
        try {
            HttpServer server = HttpServer.create(address, BACKLOG);
            HttpService service = new HttpService(server, threads());
            server.setExecutor(service.threads);
            pages.all().forEach((path, page) -> server.createContext(path, service.handler(path, page)));
            HttpHandler nothing = service.handler("", _ -> Answer.text(404, pages.listed()));
            server.createContext("/", nothing);
            server.start();
            return service;
        } catch (IOException e) {
            throw new CannotStartException(
                    "cannot listen on " + address.getHostString() + ":" + address.getPort() + " (" + e.getMessage()
                            + "): give another --listen",
                    e);
        }
    }

    private static ThreadPoolExecutor threads() {
        AtomicInteger number = new AtomicInteger();
        return new ThreadPoolExecutor(
                MOST_THREADS,
                MOST_THREADS,
                1,
                TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(MOST_WAITING),
                work -> Thread.ofPlatform()
                        .name("http-" + number.incrementAndGet())
                        .daemon()
                        .unstarted(work));
    }

    /** Where it listens; the port, where any was asked for. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(END_SECONDS);
        threads.shutdownNow();
    }

    private HttpHandler handler(String path, Page page) {
        return exchange -> {
            try (exchange) {
                send(exchange, answer(exchange, path, page));
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt(); // the run ends
            }
        };
    }

    private Answer answer(HttpExchange exchange, String path, Page page) throws InterruptedException {
        String method = exchange.getRequestMethod();
        if (!isOurs(exchange.getRequestHeaders().getFirst("Host"))) {
            return Answer.text(403, "this name is not one of loopback's: ask for localhost\n");
        }
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return new Answer(
                    405,
                    "text/plain; charset=utf-8",
                    "only GET and HEAD\n".getBytes(StandardCharsets.UTF_8),
                    Map.of("Allow", "GET, HEAD"));
        }
        if (!path.isEmpty() && !exchange.getRequestURI().getPath().equals(path)) {
            return Answer.text(404, "no such page\n");
        }
        return page.answer(Query.of(exchange.getRequestURI().getRawQuery()));
    }

    private boolean isOurs(String host) {
        InetAddress address = server.getAddress().getAddress();
        return !address.isLoopbackAddress()
                || (host != null && LOOPBACK.matcher(host).matches());
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", answer.type());
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(answer.status(), head || answer.body().length == 0 ? -1 : answer.body().length);
        if (!head) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(answer.body());
            }
        }
    }
}
