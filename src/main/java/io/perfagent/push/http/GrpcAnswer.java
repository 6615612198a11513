package io.perfagent.push.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.nio.AsyncResponseConsumer;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a call: status and message are in what comes behind the body, or in front where there is none.
 *
 * @param http status of HTTP, which is 200 unless somebody in between has answered
 * @param headers and trailers, by name in lower case
 * @param body its first bytes
 */
@SuppressWarnings("ArrayRecordComponent") // looked at once, compared by none
record GrpcAnswer(int http, TreeMap<String, String> headers, byte[] body) {
    private static final int MOST_BYTES = 64 << 10;
    private static final int MOST_CHARS = 200;
    private static final int PREFIX_BYTES = 5;
    private static final int OK_HTTP = 200;

    /** Statuses as they are numbered (doc/statuscodes.md of grpc). */
    private enum Status {
        OK,
        CANCELLED,
        UNKNOWN,
        INVALID_ARGUMENT,
        DEADLINE_EXCEEDED,
        NOT_FOUND,
        ALREADY_EXISTS,
        PERMISSION_DENIED,
        RESOURCE_EXHAUSTED,
        FAILED_PRECONDITION,
        ABORTED,
        OUT_OF_RANGE,
        UNIMPLEMENTED,
        INTERNAL,
        UNAVAILABLE,
        DATA_LOSS,
        UNAUTHENTICATED;

        static Status of(String number) {
            return number.matches("\\d{1,2}") && Integer.parseInt(number) < values().length
                    ? values()[Integer.parseInt(number)]
                    : UNKNOWN;
        }
    }

    /**
     * What it means, by the rules of {@link Answers}: too much is said of a message that is too large as well as by a store that is busy.
     *
     * @param secrets names and values of what let it in; an answer that repeats one of them is not shown
     */
    Outcome outcome(List<String> secrets) {
        String number = headers.get("grpc-status");
        if (number == null) {
            String said = "HTTP " + http + " without a status of gRPC";
            return http == OK_HTTP
                    ? new Outcome.Unconfirmed(Outcome.Why.of(said))
                    : Answers.outcome(http, Outcome.Why.of(said), headers.getOrDefault("retry-after", ""), body);
        }
        Status status = Status.of(number);
        Outcome.Why why = why(status, secrets);
        return switch (status) {
            case OK -> new Outcome.Taken(message());
            case UNAVAILABLE, ABORTED, UNAUTHENTICATED, PERMISSION_DENIED ->
                new Outcome.Later(why, Duration.ZERO, false);
            case RESOURCE_EXHAUSTED, INTERNAL, UNKNOWN -> new Outcome.Later(why, Duration.ZERO, true);
            case CANCELLED, DEADLINE_EXCEEDED, DATA_LOSS -> new Outcome.Unconfirmed(why);
            case INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION, OUT_OF_RANGE, UNIMPLEMENTED ->
                new Outcome.Refused(why);
        };
    }

    private Outcome.Why why(Status status, List<String> secrets) {
        String cause = "gRPC " + status;
        String said = headers.getOrDefault("grpc-message", "");
        try {
            said = URLDecoder.decode(said.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            // as it is
        }
        int[] shown = said.codePoints().limit(MOST_CHARS).toArray();
        return said.isEmpty() || Secrets.areIn(said, secrets)
                ? Outcome.Why.of(cause)
                : new Outcome.Why(cause, cause + ": " + new String(shown, 0, shown.length));
    }

    /** Without its prefix; we say that we take none that is compressed. */
    private byte[] message() {
        return body.length <= PREFIX_BYTES ? new byte[0] : Arrays.copyOfRange(body, PREFIX_BYTES, body.length);
    }

    /** Collects one. */
    static final class Consumer implements AsyncResponseConsumer<GrpcAnswer> {
        private final TreeMap<String, String> headers = new TreeMap<>();
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private int http;
        private @Nullable FutureCallback<GrpcAnswer> done;

        @Override
        public void consumeResponse(
                HttpResponse response,
                @Nullable EntityDetails entity,
                HttpContext context,
                FutureCallback<GrpcAnswer> callback) {
            http = response.getCode();
            done = callback;
            add(List.of(response.getHeaders()));
            if (entity == null) {
                complete();
            }
        }

        private void add(@Nullable List<? extends Header> more) {
            for (Header header : more == null ? List.<Header>of() : more) {
                headers.put(header.getName().toLowerCase(Locale.ROOT), String.valueOf(header.getValue()));
            }
        }

        @Override
        public void informationResponse(HttpResponse response, HttpContext context) {}

        @Override
        public void updateCapacity(CapacityChannel channel) throws IOException {
            channel.update(Integer.MAX_VALUE);
        }

        @Override
        public void consume(ByteBuffer source) {
            byte[] piece = new byte[Math.min(source.remaining(), MOST_BYTES - body.size())];
            source.get(piece);
            body.writeBytes(piece);
            source.position(source.limit());
        }

        @Override
        public void streamEnd(@Nullable List<? extends Header> trailers) {
            add(trailers);
            complete();
        }

        private void complete() {
            if (done != null) {
                done.completed(new GrpcAnswer(http, headers, body.toByteArray()));
            }
        }

        @Override
        public void failed(Exception cause) {}

        @Override
        public void releaseResources() {}
    }
}
