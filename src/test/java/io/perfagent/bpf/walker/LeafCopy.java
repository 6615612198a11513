package io.perfagent.bpf.walker;

import io.perfagent.bpf.abi.Limits;
import io.perfagent.bpf.abi.StoppedWalk;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What a sample would take along from its leaf on, made straight from the text of {@code bpf/abi.h}. */
final class LeafCopy {
    private static final int RED_ZONE = 128;
    private static final int REGISTERS = 16;
    private static final int RESERVED = 13;
    private static final long NO_HOLES = 0;

    private LeafCopy() {}

    static StoppedWalk of(CpuRegisters registers, UserMemory memory, boolean newborn, long first) {
        long from = (registers.get(CpuRegisters.RSP) - RED_ZONE) & -8L;
        byte[] stack = stack(memory, from);
        ByteBuffer bytes = ByteBuffer.allocate((int) StoppedWalk.LAYOUT.byteSize() + stack.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(from)
                .putLong(registers.get(CpuRegisters.RIP))
                .putLong(registers.get(CpuRegisters.RSP))
                .putLong(registers.get(CpuRegisters.RBP))
                .putLong(registers.get(CpuRegisters.RBX))
                .putLong(0)
                .putLong(0);
        for (int i = 0; i < REGISTERS; i++) {
            bytes.putLong(registers.get(i));
        }
        bytes.put((byte) 1).put((byte) (newborn ? 1 : 0)).put((byte) (stack.length >= Limits.MAX_COPY_BYTES ? 1 : 0));
        return new StoppedWalk(copy(bytes.put(new byte[RESERVED])
                .putLong(first)
                .putLong(NO_HOLES)
                .put(stack)
                .array()));
    }

    /** The pages that follow each other; zeros where the red zone lies in one that is missing. */
    private static byte[] stack(UserMemory memory, long from) {
        ByteArrayOutputStream stack = new ByteArrayOutputStream();
        byte[] word = new byte[8];
        while (stack.size() < Limits.MAX_COPY_BYTES
                && (memory.peek(from + stack.size(), word, 0, 8) || stack.size() < RED_ZONE)) {
            stack.writeBytes(word);
        }
        return stack.toByteArray();
    }

    private static MemorySegment copy(byte[] bytes) {
        MemorySegment aligned =
                MemorySegment.ofArray(new long[(bytes.length + 7) / 8]).asSlice(0, bytes.length);
        return aligned.copyFrom(MemorySegment.ofArray(bytes));
    }
}
