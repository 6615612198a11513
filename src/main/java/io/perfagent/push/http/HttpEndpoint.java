package io.perfagent.push.http;

import io.perfagent.push.request.Request;
import io.perfagent.report.Release;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;

/**
 * HTTP/1.1 by the JDK's client, with a connection for each request: JDK 25 takes one that is about to be closed by a server of HTTP/1.0 for one
 * that can be used again, and what is lost there has no known fate.
 */
final class HttpEndpoint implements Endpoint {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MOST_ANSWER_BYTES = 64 << 10;

    private final URI base;
    private final Access access;
    private final Map<String, String> headers;
    private final SSLContext authorities;

    private HttpEndpoint(URI base, Access access, Map<String, String> headers, SSLContext authorities) {
        this.base = base;
        this.access = access;
        this.headers = headers;
        this.authorities = authorities;
    }

    static HttpEndpoint open(URI base, Access access, Map<String, String> headers) throws IOException {
        return new HttpEndpoint(base, access, headers, Authorities.of(base, access));
    }

    private HttpClient client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT)
                .sslContext(authorities)
                .build();
    }

    @Override
    public Outcome send(Request request) {
        HttpRequest prepared;
        List<String> secrets;
        try {
            secrets = Secrets.headers(access);
            prepared = prepared(request, secrets);
        } catch (IOException e) {
            return new Outcome.Later(Outcome.Why.of(Answers.text(e)), Duration.ZERO, false); // the file may be mended
        }
        HttpClient client;
        try {
            client = client();
        } catch (UncheckedIOException | InternalError e) { // no descriptor is left for now
            return new Outcome.Later(Outcome.Why.of(String.valueOf(e.getMessage())), Duration.ZERO, false);
        }
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(prepared, _ -> new FirstBytes(MOST_ANSWER_BYTES));
        try {
            return Answers.outcome(answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS), secrets);
        } catch (ExecutionException e) {
            return Answers.outcome(Objects.requireNonNullElse(e.getCause(), e));
        } catch (TimeoutException _) {
            boolean _ = answer.cancel(true);
            return new Outcome.Unconfirmed(Outcome.Why.of("no answer within " + PATIENCE.toSeconds() + " s"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome.Unconfirmed(Outcome.Why.of("interrupted"));
        } finally {
            client.shutdownNow();
        }
    }

    private HttpRequest prepared(Request request, List<String> secrets) throws IOException {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(base + request.path()))
                .header("Content-Type", request.contentType())
                .header("User-Agent", "perf-agent/" + Release.version())
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.body()));
        headers.forEach(builder::header);
        if (!request.encoding().isEmpty()) {
            builder.header("Content-Encoding", request.encoding());
        }
        for (int at = 0; at < secrets.size(); at += 2) {
            try {
                builder.setHeader(secrets.get(at), secrets.get(at + 1));
            } catch (IllegalArgumentException _) { // its message has the value
                throw new IOException("a header of the files with secrets is none that may be sent");
            }
        }
        return builder.build();
    }

    @Override
    public void close() {
        // each request has ended its connection
    }
}
