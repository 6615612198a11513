package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RecordWordsTest {
    private static final int BYTES = 32;

    private final MemorySegment record = MemorySegment.ofArray(new long[BYTES / Long.BYTES]);

    @Test
    void fieldsOfEachSize() {
        record.set(JAVA_LONG, 8, 0xfedc_ba98_7654_3210L);
        RecordWords fields = new RecordWords(record, 0, BYTES);
        for (int place = 8; place < 16; place++) {
            assertThat(fields.byteAt(place)).isEqualTo(record.get(JAVA_BYTE, place));
        }
        assertThat(fields.shortAt(14)).isEqualTo(0xfedc);
        assertThat(fields.intAt(12)).isEqualTo(0xfedc_ba98);
        assertThat(fields.longAt(8)).isEqualTo(0xfedc_ba98_7654_3210L);
        assertThat(new RecordWords(record, 8, 16).words(0, 2)).containsExactly(0xfedc_ba98_7654_3210L, 0);
    }

    @Test
    void textsUpToTheirEnds() {
        byte[] text = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(text, 0, record, JAVA_BYTE, 16, text.length);
        assertThat(new RecordWords(record, 0, BYTES).threadNameAt(16)).isEqualTo("0123456789abcdef");
        record.set(JAVA_BYTE, 20, (byte) 0);
        assertThat(new RecordWords(record, 0, BYTES).threadNameAt(16)).isEqualTo("0123");
        assertThat(new RecordWords(record, 0, BYTES).threadNameAt(16)).isEqualTo("0123");
        record.set(JAVA_BYTE, 31, (byte) 'x');
        assertThat(new RecordWords(record, 0, BYTES).threadNameAt(16)).isEqualTo("0123");
        record.set(JAVA_BYTE, 16, (byte) 0);
        assertThat(new RecordWords(record, 0, BYTES).threadNameAt(16)).isEmpty();
    }

    @Test
    void aRecordThatIsShorter() {
        assertThatThrownBy(() -> new RecordWords(record, 8, BYTES)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
