package io.perfagent.runtime.cpython;

import io.perfagent.model.CodeMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The memory of an interpreter's process, little-endian. */
record PythonMemory(CodeMemory memory) {
    /** Position 0, {@code length} bytes. */
    ByteBuffer read(long address, int length) throws MissedException {
        byte[] bytes = new byte[length];
        if (!memory.read(address, bytes, 0, length)) {
            throw new MissedException(CodeMiss.UNREADABLE);
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    long word(long address) throws MissedException {
        return read(address, Long.BYTES).getLong(0);
    }
}
