package io.perfagent.python;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ActivationGatesTest {
    @ParameterizedTest
    @CsvSource({
        "12, 0, true",
        "12, 1, false",
        "13, 0, false",
        "13, 11, false",
        "13, 12, true",
        "13, 13, true",
        "13, 14, false",
        "14, 2, false",
        "14, 3, true",
        "14, 5, true",
        "14, 6, false",
        "15, 0, false"
    })
    void forkCrashes(int minor, int micro, boolean crashes) {
        assertThat(ActivationGates.crashesOnFork(minor, micro)).isEqualTo(crashes);
    }

    @ParameterizedTest
    @CsvSource({"12, 1, true", "13, 0, true", "13, 5, true", "13, 18, false", "14, 10, false", "15, 2, false"})
    void childrenMayInitialise(int minor, int micro, boolean may) {
        assertThat(ActivationGates.childrenMayInitialise(minor, micro)).isEqualTo(may);
    }
}
