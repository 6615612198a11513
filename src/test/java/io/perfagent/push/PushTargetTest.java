package io.perfagent.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class PushTargetTest {
    @Test
    void storesAndWhatLetsUsIn() {
        PushTarget parca = PushTarget.parse("parca+http://127.0.0.1:7070/");
        assertThat(parca.store()).isEqualTo(PushTarget.Store.PARCA);
        assertThat(parca.base()).isEqualTo(URI.create("http://127.0.0.1:7070"));
        PushTarget otlp = PushTarget.parse(
                "otlp+https://collector.example:4318/base,ca=/etc/ca.pem,token-file=/run/token,tenant=shop");
        assertThat(otlp.base()).isEqualTo(URI.create("https://collector.example:4318/base"));
        assertThat(otlp.access().ca()).isEqualTo(Path.of("/etc/ca.pem"));
        assertThat(otlp.access().tokenFile()).isEqualTo(Path.of("/run/token"));
        assertThat(otlp.access().tenant()).isEqualTo("shop");
        assertThat(PushTarget.parse("pyroscope+http://[::1]:4040,basic-file=/x")
                        .base()
                        .getHost())
                .isEqualTo("[::1]");
    }

    @Test
    void whatIsWrongIsSaidWithoutASecret() {
        for (String wrong : List.of(
                "hunter2",
                "http://hunter2:7070",
                "jaeger+http://hunter2",
                "parca+ftp://hunter2",
                "parca+http://",
                "parca+http://hunter2:0",
                "parca+http://hunter2:65536",
                "parca+http://user:hunter2@host:7070",
                "parca+https://host/?token=hunter2",
                "parca+https://host,token=hunter2",
                "parca+https://host,token-file=",
                "parca+https://host,tenant=hunter2\r\nX: y",
                "parca+https://host,token-file=/a,basic-file=/b",
                "parca+https://host,ca=/a,ca=/b",
                "parca+https://ho st hunter2")) {
            assertThatThrownBy(() -> PushTarget.parse(wrong))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageNotContaining("hunter2")
                    .hasMessageMatching("(?s).*(write|give|comes|belongs).*");
        }
    }

    @Test
    void secretsDoNotGoOverANetworkWithoutTls() {
        assertThatThrownBy(() -> PushTarget.parse("parca+http://store.example:7070,token-file=/run/token"))
                .hasMessageContaining("without TLS");
        assertThat(PushTarget.parse("parca+http://localhost:7070,token-file=/run/token")
                        .access()
                        .hasSecrets())
                .isTrue();
        assertThatThrownBy(() -> PushTarget.parse("parca+http://127.evil.example:7070,token-file=/run/token"))
                .hasMessageContaining("without TLS");
    }
}
