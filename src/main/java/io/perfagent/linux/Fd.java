package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** An open file descriptor; closing it again does nothing. */
public final class Fd implements AutoCloseable {
    private static final MethodHandle CLOSE = Native.errnoCall("close", JAVA_INT, JAVA_INT);

    private final int number;
    private boolean open = true;

    public Fd(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    @Override
    public void close() {
        if (!open) {
            return;
        }
        open = false;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment capture = arena.allocate(Native.CAPTURE);
            int _ = (int) CLOSE.invokeExact(capture, number); // Linux frees the number whatever close returns
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }
}
