package io.perfagent.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TargetProgramTest {
    /** Nobody else would end it: the test that started it has failed. */
    @Test
    void oneThatIsNotReadyIsEnded() {
        String script = "echo 'not yet'; exec sleep 600.25";
        assertThatThrownBy(() -> TargetProgram.start(Map.of(), List.of("sh", "-c", script)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("not yet");
        assertThat(sleeping()).isEmpty();
    }

    private static Stream<ProcessHandle> sleeping() {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().commandLine().orElse("").contains("600.25"));
    }
}
