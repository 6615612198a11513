package io.perfagent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.push.PushTarget;
import java.util.List;
import org.junit.jupiter.api.Test;

class PushRulesTest {
    /** A variable of the environment is a list with commas. */
    @Test
    void whatBelongsToAStoreStaysWithIt() throws WrongUsageException {
        List<String> texts = List.of("parca+http://localhost:7070", "tenant=a", "ca=/x", "otlp+http://localhost:4318");
        assertThat(PushRules.targets(texts))
                .extracting(PushTarget::name)
                .containsExactly("parca+http://localhost:7070,a", "otlp+http://localhost:4318");
    }

    @Test
    void aStoreIsGivenOnce() {
        assertThatThrownBy(() ->
                        PushRules.targets(List.of("parca+http://localhost:7070", "parca+http://localhost:7070/,ca=/x")))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("twice");
    }

    @Test
    void whatMayBeASecretIsNotShown() {
        assertThat(PushRules.shown("parca+https://host:7070,token-file=/run/token"))
                .isEqualTo("parca+https://host:7070");
        assertThat(PushRules.shown("parca+https://user:hunter2@host:7070")).doesNotContain("hunter2");
        assertThatThrownBy(() -> PushRules.targets(List.of("parca+https://user:hunter2@host:7070")))
                .hasMessageNotContaining("hunter2");
    }
}
