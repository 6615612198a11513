package io.perfagent.push.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/**
 * What answers mean, and none. Stores count twice what they get twice, so only what surely was not taken is sent again:
 *
 * <pre>
 *   2xx                             taken
 *   429, 502, 503, other 5xx        later: it says that it did not take it; 500 a few times, for it may be said of what it cannot read
 *   401, 403, 408                   later: once somebody has mended it
 *   504, none after it was sent     unconfirmed
 *   redirects, other 4xx, 501, 505  refused
 *   no connection, no TLS           later: nothing was sent
 * </pre>
 */
final class Answers {
    private static final int MOST_CHARS = 200;
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    private Answers() {}

    /** @param headers that let the request in, names and values; an answer that repeats one of them is not shown */
    static Outcome outcome(HttpResponse<byte[]> answer, List<String> headers) {
        int status = answer.statusCode();
        String said = said(answer);
        String cause = "HTTP " + status;
        Outcome.Why why = new Outcome.Why(cause, Secrets.areIn(said, headers) ? cause : cause + said);
        return outcome(status, why, answer.headers().firstValue("Retry-After").orElse(""), answer.body());
    }

    /** @param retryAfter the header of this name, {@code ""} where there is none */
    static Outcome outcome(int status, Outcome.Why why, String retryAfter, byte[] body) {
        Duration pause = pause(retryAfter);
        return switch (status) {
            case 401, 403, 408, 429 -> new Outcome.Later(why, pause, false);
            case 501, 505 -> new Outcome.Refused(why);
            case 504 -> new Outcome.Unconfirmed(why);
            default -> {
                if (status >= 500) {
                    yield new Outcome.Later(why, pause, status == 500);
                }
                yield status / 100 == 2 ? new Outcome.Taken(body) : new Outcome.Refused(why);
            }
        };
    }

    /** Of a request that has no answer. */
    static Outcome outcome(Throwable failure) {
        return switch (failure) {
            case ConnectException _,
                    HttpConnectTimeoutException _,
                    SSLHandshakeException _,
                    UnresolvedAddressException _ -> new Outcome.Later(why(failure), Duration.ZERO, false);
            // the JDK's of a first record that is none: the other side speaks no TLS
            case SSLException plain
            when String.valueOf(plain.getMessage()).startsWith("Unrecognized SSL message") ->
                new Outcome.Later(why(failure), Duration.ZERO, false);
            case IOException _ -> new Outcome.Unconfirmed(why(failure));
            // the JDK's client of a length that is no number
            case IllegalArgumentException _ ->
                new Outcome.Unconfirmed(
                        new Outcome.Why("the answer is no HTTP", "the answer is no HTTP: " + text(failure)));
            case Error e -> throw e;
            default -> throw new IllegalStateException("a request could not be sent", failure);
        };
    }

    /** What kind of failure it is tells one from another, and not its words. */
    static Outcome.Why why(Throwable failure) {
        return new Outcome.Why(failure.getClass().getSimpleName(), text(failure));
    }

    static String text(Throwable failure) {
        if (failure instanceof ConnectException && failure.getMessage() == null) {
            return failure.getCause() instanceof UnresolvedAddressException
                    ? "the host's name is not known"
                    : "no connection";
        }
        if (failure instanceof UnknownHostException) {
            return "the host's name is not known";
        }
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    private static String said(HttpResponse<byte[]> answer) {
        String text = new String(answer.body(), StandardCharsets.UTF_8).strip();
        if (answer.statusCode() / 100 == 3) {
            return ", a redirect, which is not followed";
        }
        int[] shown = text.codePoints().limit(MOST_CHARS).toArray();
        return text.isEmpty() ? "" : ": " + new String(shown, 0, shown.length);
    }

    /** {@code Retry-After} (RFC 9110, 10.2.3), seconds or a date. */
    private static Duration pause(String after) {
        Duration pause = wanted(after.strip());
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }

    private static Duration wanted(String after) {
        if (after.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(after));
        }
        try {
            Instant then = ZonedDateTime.parse(after, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration left = Duration.between(Instant.now(), then);
            return left.isNegative() ? Duration.ZERO : left;
        } catch (DateTimeException _) {
            return Duration.ZERO;
        }
    }
}
