package io.perfagent.push.http;

import io.perfagent.push.request.Request;
import io.perfagent.report.Release;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityProducer;
import org.apache.hc.core5.http.protocol.HttpProcessorBuilder;
import org.apache.hc.core5.http2.config.H2Config;
import org.apache.hc.core5.http2.impl.nio.bootstrap.H2MultiplexingRequester;
import org.apache.hc.core5.http2.impl.nio.bootstrap.H2MultiplexingRequesterBootstrap;
import org.apache.hc.core5.http2.ssl.H2ClientTlsStrategy;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.util.Timeout;

/**
 * Calls of gRPC with one message and one answer each, as its protocol over HTTP/2 has them (doc/PROTOCOL-HTTP2.md of grpc). Without TLS the
 * connection begins with HTTP/2 at once.
 */
final class GrpcEndpoint implements Endpoint {
    private static final Timeout CONNECT = Timeout.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PREFIX_BYTES = 5;

    private final URI base;
    private final Access access;
    private final H2MultiplexingRequester client;

    private GrpcEndpoint(URI base, Access access, H2MultiplexingRequester client) {
        this.base = base;
        this.access = access;
        this.client = client;
    }

    static GrpcEndpoint open(URI grpc, Access access) throws IOException {
        H2MultiplexingRequester client = H2MultiplexingRequesterBootstrap.bootstrap()
                .setIOReactorConfig(IOReactorConfig.custom().setIoThreadCount(1).build())
                .setH2Config(H2Config.custom().setPushEnabled(false).build())
                .setHttpProcessor(HttpProcessorBuilder.create().build()) // the usual one waits for 100 Continue
                .setTlsStrategy(
                        new H2ClientTlsStrategy(Authorities.of(grpc, access), (_, engine) -> checkName(engine), null))
                .create();
        client.start();
        return new GrpcEndpoint(URI.create(grpc.toString().replaceFirst("^grpc", "http")), access, client);
    }

    /** A certificate is one for the host that was asked for. */
    private static void checkName(SSLEngine engine) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        engine.setSSLParameters(parameters);
    }

    @Override
    public Outcome send(Request request) {
        GrpcCall call;
        List<String> secrets;
        try {
            secrets = Secrets.headers(access);
            call = new GrpcCall(prepared(request, secrets), new BasicAsyncEntityProducer(framed(request)));
        } catch (IOException e) {
            return new Outcome.Later(Outcome.Why.of(Answers.text(e)), Duration.ZERO, false); // the file may be mended
        }
        Future<GrpcAnswer> answer = client.execute(call, new GrpcAnswer.Consumer(), CONNECT, null);
        try {
            return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).outcome(secrets);
        } catch (ExecutionException e) {
            return call.outcome(Objects.requireNonNullElse(e.getCause(), e));
        } catch (TimeoutException _) {
            boolean _ = answer.cancel(true);
            return new Outcome.Unconfirmed(Outcome.Why.of("no answer within " + PATIENCE.toSeconds() + " s"));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return new Outcome.Unconfirmed(Outcome.Why.of("interrupted"));
        }
    }

    private BasicHttpRequest prepared(Request request, List<String> secrets) {
        BasicHttpRequest prepared = new BasicHttpRequest(Method.POST, URI.create(base + request.path()));
        prepared.addHeader("content-type", request.contentType());
        prepared.addHeader("te", "trailers");
        prepared.addHeader("user-agent", "perf-agent/" + Release.version());
        if (!request.encoding().isEmpty()) {
            prepared.addHeader("grpc-encoding", request.encoding());
        }
        for (int at = 0; at < secrets.size(); at += 2) {
            prepared.addHeader(secrets.get(at), secrets.get(at + 1));
        }
        return prepared;
    }

    /** The message behind whether it is compressed and how long it is. */
    private static byte[] framed(Request request) {
        byte[] message = request.body();
        return ByteBuffer.allocate(PREFIX_BYTES + message.length)
                .put((byte) (request.encoding().isEmpty() ? 0 : 1))
                .putInt(message.length)
                .put(message)
                .array();
    }

    @Override
    public void close() {
        client.close(CloseMode.IMMEDIATE);
    }
}
