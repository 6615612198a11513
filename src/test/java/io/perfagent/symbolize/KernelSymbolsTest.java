package io.perfagent.symbolize;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KernelSymbolsTest {
    private static final String TEXT = """
            0000000000000000 A fixed_percpu_data
            ffffffff81000000 t local_name
            ffffffff81000000 T _stext
            ffffffff81000000 T _text
            ffffffff81000100 T do_work
            ffffffff81000180 D data_here
            ffffffff81000200 t helper
            ffffffffc0300010 t inner\t[nf_conntrack]
            ffffffffc0300000 T nf_conntrack_in\t[nf_conntrack]
            """;

    private final KernelSymbols symbols = KernelSymbols.parse(TEXT.getBytes(US_ASCII));

    @Test
    void aFunctionReachesToTheNext() {
        assertThat(symbols.find(0xffffffff81000100L)).isEqualTo("do_work");
        assertThat(symbols.find(0xffffffff810001ffL)).isEqualTo("do_work");
        assertThat(symbols.find(0xffffffff81000200L)).isEqualTo("helper");
    }

    @Test
    void aGlobalNameWinsAndTheFirstAmongThese() {
        assertThat(symbols.find(0xffffffff81000000L)).isEqualTo("_stext");
    }

    @Test
    void modulesAreSortedInAndNamed() {
        assertThat(symbols.find(0xffffffffc0300004L)).isEqualTo("nf_conntrack_in [nf_conntrack]");
        assertThat(symbols.find(0xffffffffc0300010L)).isEqualTo("inner [nf_conntrack]");
    }

    @Test
    void nothingIsNamedBeforeTheFirstOrFarBehindTheLast() {
        assertThat(symbols.find(0xffffffff80ffffffL)).isNull();
        assertThat(symbols.find(0xffffffff90000000L)).isNull();
        assertThat(symbols.find(0x7f0000000000L)).isNull();
    }

    @Test
    void zeroAddressesAreHiddenOnes() {
        byte[] hidden = "0000000000000000 T _stext\n0000000000000000 t x\n".getBytes(US_ASCII);
        assertThat(KernelSymbols.parse(hidden).hidden()).isTrue();
        assertThat(KernelSymbols.parse(new byte[0]).hidden()).isTrue();
        assertThat(symbols.hidden()).isFalse();
    }

    @Test
    void aTornTextIsReadAsFarAsItGoes() {
        for (int length = 0; length < TEXT.length(); length++) {
            byte[] torn = TEXT.substring(0, length).getBytes(US_ASCII);
            var _ = KernelSymbols.parse(torn).find(0xffffffff81000000L);
        }
    }
}
