package io.perfagent.push.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What statuses mean; how real servers are called is in {@code make stores}. */
class GrpcAnswerTest {
    private static final List<String> SECRETS = List.of("Authorization", "Bearer hunter2");

    private static Outcome outcome(int http, Map<String, String> headers, byte... body) {
        return new GrpcAnswer(http, new TreeMap<>(headers), body).outcome(SECRETS);
    }

    @ParameterizedTest
    @CsvSource({
        "14, Later, false, gRPC UNAVAILABLE",
        "10, Later, false, gRPC ABORTED",
        "16, Later, false, gRPC UNAUTHENTICATED",
        "7, Later, false, gRPC PERMISSION_DENIED",
        "8, Later, true, gRPC RESOURCE_EXHAUSTED",
        "13, Later, true, gRPC INTERNAL",
        "2, Later, true, gRPC UNKNOWN",
        "99, Later, true, gRPC UNKNOWN",
    })
    void whatWasNotTakenIsSentAgain(String status, String kind, boolean perhapsNever, String cause) {
        Outcome outcome = outcome(200, Map.of("grpc-status", status, "grpc-message", "too%20large, attempt 7"));
        assertThat(outcome).isInstanceOfSatisfying(Outcome.Later.class, later -> {
            assertThat(later.perhapsNever()).isEqualTo(perhapsNever);
            assertThat(later.why()).isEqualTo(new Outcome.Why(cause, cause + ": too large, attempt 7"));
        });
    }

    @ParameterizedTest
    @CsvSource({"1", "4", "15"})
    void whatMayHaveBeenTakenIsNot(String status) {
        assertThat(outcome(200, Map.of("grpc-status", status))).isInstanceOf(Outcome.Unconfirmed.class);
        assertThat(outcome(200, Map.of())).isInstanceOf(Outcome.Unconfirmed.class);
    }

    @ParameterizedTest
    @CsvSource({"3", "5", "6", "9", "11", "12"})
    void whatNeverWillBeIsRefused(String status) {
        assertThat(outcome(200, Map.of("grpc-status", status))).isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void theMessageOfAnAnswerIsBehindItsPrefix() {
        assertThat(outcome(
                        200,
                        Map.of("grpc-status", "0"),
                        (byte) 0,
                        (byte) 0,
                        (byte) 0,
                        (byte) 0,
                        (byte) 2,
                        (byte) 8,
                        (byte) 1))
                .isInstanceOfSatisfying(
                        Outcome.Taken.class, taken -> assertThat(taken.answer()).containsExactly(8, 1));
        assertThat(outcome(200, Map.of("grpc-status", "0"), (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0))
                .isInstanceOfSatisfying(
                        Outcome.Taken.class, taken -> assertThat(taken.answer()).isEmpty());
    }

    /** Of somebody in between, who speaks HTTP only. */
    @Test
    void withoutAStatusThatOfHttpIsTaken() {
        assertThat(outcome(503, Map.of("retry-after", "7")))
                .isInstanceOfSatisfying(
                        Outcome.Later.class, later -> assertThat(later.pause()).hasSeconds(7));
        assertThat(outcome(404, Map.of())).isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void anAnswerThatRepeatsASecretIsNotShown() {
        assertThat(outcome(200, Map.of("grpc-status", "16", "grpc-message", "not with Bearer hunter2")))
                .isInstanceOfSatisfying(
                        Outcome.Later.class,
                        later -> assertThat(later.why()).isEqualTo(Outcome.Why.of("gRPC UNAUTHENTICATED")));
    }
}
