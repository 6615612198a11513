package io.perfagent.linux;

import java.lang.foreign.Arena;
import java.nio.file.Path;

/** An open file descriptor; closing it again does nothing. */
public final class Fd implements AutoCloseable {
    private static final CFunction CLOSE = CFunction.of("close");

    private final int number;
    private boolean open = true;

    public Fd(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /** What the descriptor stands for, as a path; only while it is open, since the number is used again. */
    public Path path() {
        return Path.of("/proc/self/fd", Integer.toString(number));
    }

    @Override
    public void close() {
        if (!open) {
            return;
        }
        open = false;
        try (Arena arena = Arena.ofConfined()) {
            long _ = CLOSE.call(CFunction.errnoIn(arena), number); // Linux frees the number whatever close returns
        }
    }
}
