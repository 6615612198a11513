package io.perfagent.symbolize;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CloneSuffixTest {
    @ParameterizedTest
    @CsvSource({
        "encoder_listencode_obj.isra.0, encoder_listencode_obj",
        "pymain_run_python.constprop.0, pymain_run_python",
        "parse.part.12.constprop.0.isra.3.cold, parse",
        "parse.cold, parse",
        "parse.cold.4, parse",
        "init.lto_priv.0, init",
        "local.llvm.1234567890123, local",
        "main.main, main.main",
        "f.isra, f.isra",
        "f.part.0.x, f.part.0.x",
        ".cold, .cold",
        "_ZN3foo3barEv.isra.0, _ZN3foo3barEv.isra.0",
        "py::a.cold.b, py::a.cold.b"
    })
    void theFunctionStays(String symbol, String function) {
        assertThat(CloneSuffix.without(symbol)).isEqualTo(function);
    }
}
