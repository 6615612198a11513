package io.perfagent.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Code bytes as read from the arenas of live interpreters. */
final class TrampolinesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "4883ec08ffd14883c408c34883ec08ff", // 3.12.1
                "f30f1efa4883ec08ffd14883c408c300", // 3.13.5
                "554889e5ffd15dc30000000000000000",
                "f30f1efa554889e5ffd15dc300000000", // 3.14.10
            })
    void known(String code) {
        assertThat(Trampolines.isTrampoline(bytes(code))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000000000000000000000000000000", "f30f1efa554889e5ffd0", "4883ec08", "f30f1efa"})
    void other(String code) {
        assertThat(Trampolines.isTrampoline(bytes(code))).isFalse();
    }

    private static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    }
}
