package io.perfagent.runtime.cpython;

import io.perfagent.bpf.RingBuffer;
import io.perfagent.bpf.abi.SentCode;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Code objects as they were when samples met them first: the kernel side sends each before its sample. Those that nobody asks for give way
 * to newer ones. For one thread.
 */
public final class SentCodes implements AutoCloseable {
    private static final int MOST = 4096;

    private final RingBuffer ring;
    private final Map<Key, SentCode> waiting = new LinkedHashMap<>();

    private record Key(int pid, long code, int tag) {}

    /** @param ring is closed with this */
    public SentCodes(RingBuffer ring) {
        this.ring = ring;
    }

    /** Takes one out; null where it was not sent, or long ago. */
    @Nullable
    SentCode take(int pid, long code, int tag) {
        int _ = ring.drain(this::keep, _ -> true);
        return waiting.remove(new Key(pid, code, tag));
    }

    private void keep(MemorySegment record) {
        long size = SentCode.LAYOUT.byteSize();
        MemorySegment copy = MemorySegment.ofArray(new long[(int) (size / Long.BYTES)]);
        MemorySegment.copy(record, 0, copy, 0, size);
        SentCode sent = new SentCode(copy);
        if (waiting.size() >= MOST) {
            waiting.remove(waiting.keySet().iterator().next());
        }
        waiting.put(new Key(sent.pid(), sent.code(), sent.tag()), sent);
    }

    @Override
    public void close() {
        ring.close();
    }
}
