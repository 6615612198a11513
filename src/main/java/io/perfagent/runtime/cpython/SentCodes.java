package io.perfagent.runtime.cpython;

import io.perfagent.bpf.RingBuffer;
import io.perfagent.bpf.abi.SentCode;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Code objects as they were when samples met them first: the kernel side sends each before its sample. Those that nobody asks for give way
 * to newer ones. For one thread, but for {@link #ranBy}.
 */
public final class SentCodes implements AutoCloseable {
    private static final int MOST = 4096;

    private final RingBuffer ring;
    private final Map<Key, SentCode> waiting = new LinkedHashMap<>();
    /** Functions of code that was not sent, since it was met by who read frames of threads that stand still. */
    private final Map<Place, Long> functions = new ConcurrentHashMap<>();

    private record Key(int pid, long code, int tag) {}

    private record Place(int pid, long code) {}

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

    /** Notes which function a frame with this code is a call of. Any thread. */
    void ranBy(int pid, long code, long function) {
        if (functions.size() < MOST) {
            functions.put(new Place(pid, code), function);
        }
    }

    /** Address of a function that code was run by, 0 where that was not noted. */
    long function(int pid, long code) {
        return functions.getOrDefault(new Place(pid, code), 0L);
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
