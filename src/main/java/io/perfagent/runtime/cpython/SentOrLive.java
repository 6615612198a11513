package io.perfagent.runtime.cpython;

import io.perfagent.bpf.abi.SentCode;
import io.perfagent.model.CodeMemory;
import org.jspecify.annotations.Nullable;

/** A process's memory, and over it what was sent of one code object. For one thread. */
final class SentOrLive implements CodeMemory {
    private final CodeMemory live;
    private @Nullable SentCode sent;
    private boolean readLive;

    SentOrLive(CodeMemory live) {
        this.live = live;
    }

    /** What is read from now on is so much of this as it has. */
    void put(@Nullable SentCode code) {
        sent = code;
        readLive = false;
    }

    /** Whether something was read since that was not sent: it may be newer. */
    boolean readLive() {
        return readLive;
    }

    @Override
    public boolean read(long address, byte[] to, int at, int length) {
        if (sent != null && sent.read(address, to, at, length)) {
            return true;
        }
        readLive = true;
        return live.read(address, to, at, length);
    }
}
