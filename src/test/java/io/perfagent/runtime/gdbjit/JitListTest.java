package io.perfagent.runtime.gdbjit;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.runtime.gdbjit.JitList.Entry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Lists as programs have them, while they change, and hostile ones. */
class JitListTest {
    private static final long DESCRIPTOR = 0x1000;

    private final Map<Long, Long> words = new HashMap<>();

    @Test
    void newestFirst() {
        descriptor(1, 0x2000);
        entry(0x2000, 0x3000, 0, 0x70000, 100);
        entry(0x3000, 0, 0x2000, 0x80000, 200);
        assertThat(read()).containsExactly(new Entry(0x70000, 100), new Entry(0x80000, 200));
    }

    @Test
    void empty() {
        descriptor(1, 0);
        assertThat(read()).isEmpty();
    }

    @Test
    void versionThatIsNotKnown() {
        descriptor(2, 0);
        assertThat(read()).isNull();
    }

    @Test
    void changesMeanwhile() {
        descriptor(1, 0x2000);
        entry(0x2000, 0x3000, 0, 0x70000, 100);
        entry(0x3000, 0, 0x4000, 0x80000, 200); // another has come in between
        assertThat(read()).isNull();
    }

    @Test
    void leadsNowhere() {
        descriptor(1, 0x2000);
        assertThat(read()).isNull();
    }

    @Test
    void leadsToItself() {
        descriptor(1, 0x2000);
        entry(0x2000, 0x3000, 0, 0x70000, 100);
        entry(0x3000, 0x2000, 0x2000, 0x80000, 200);
        assertThat(read()).isNull();
        entry(0x2000, 0x2000, 0, 0x70000, 100);
        assertThat(read()).isNull();
    }

    @Test
    void hasAnEnd() {
        descriptor(1, 0x10000);
        for (long at = 0x10000; at < 0x10000 + 32 * 10_000; at += 32) {
            entry(at, at + 32, at == 0x10000 ? 0 : at - 32, 0x70000, 100);
        }
        assertThat(read()).hasSize(JitList.MOST_ENTRIES);
    }

    private Iterable<Entry> read() {
        return new JitList(this::read).read(DESCRIPTOR);
    }

    private void descriptor(int version, long first) {
        words.put(DESCRIPTOR, version | 1L << 32);
        words.put(DESCRIPTOR + 8, first);
        words.put(DESCRIPTOR + 16, first);
    }

    private void entry(long at, long next, long previous, long image, long bytes) {
        words.put(at, next);
        words.put(at + 8, previous);
        words.put(at + 16, image);
        words.put(at + 24, bytes);
    }

    private boolean read(long address, byte[] to, int at, int length) {
        ByteBuffer into = ByteBuffer.wrap(to).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < length; i += 8) {
            Long word = words.get(address + i);
            if (word == null) {
                return false;
            }
            into.putLong(at + i, word);
        }
        return true;
    }
}
