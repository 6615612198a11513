package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** {@code struct made_code} and {@code made_code_key}: an instruction of code that a process has made. */
public final class MadeCodeEntry {
    private static final long MULTIPLIER = 0x9e3779b97f4a7c15L;
    private static final int HASH_SHIFT = 32;

    /** In place of a row: a function leads into a block, from a byte on that stands in place of {@code returns}. */
    public static final int LEADS_THERE = 1;

    /** Blocks have so many bytes: 1 ≪ shift. */
    public static final int JUMP_BLOCK_SHIFT = 15;

    /** Bytes that the hash is of. */
    public static final int HASHED_BYTES = 32;

    /** Of these so many are before the address; those that lie on another page than it are 0. */
    public static final int HASHED_BEFORE = 8;

    public static final int HASHED_BEHIND = HASHED_BYTES - HASHED_BEFORE;

    /** Named as in C. */
    public static final StructLayout KEY = MemoryLayout.structLayout(
                    JAVA_LONG.withName("address"), JAVA_INT.withName("pid"), JAVA_INT.withName("block"))
            .withName("made_code_key");

    /** Named as in C. */
    public static final StructLayout VALUE = MemoryLayout.structLayout(
                    JAVA_INT.withName("row"),
                    JAVA_INT.withName("hash"),
                    JAVA_INT.withName("returns"),
                    JAVA_INT.withName("returns_hash"))
            .withName("made_code");

    /** Named as in C. */
    public static final StructLayout QUESTION = MemoryLayout.structLayout(
                    KEY.withName("key"), JAVA_LONG.withName("r14"))
            .withName("made_code_question");

    private static final long REGISTER = KEY.byteSize();
    private static final long PID = KEY.byteOffset(MemoryLayout.PathElement.groupElement("pid"));
    private static final long BLOCK = KEY.byteOffset(MemoryLayout.PathElement.groupElement("block"));
    private static final long HASH = VALUE.byteOffset(MemoryLayout.PathElement.groupElement("hash"));
    private static final long RETURNS = VALUE.byteOffset(MemoryLayout.PathElement.groupElement("returns"));
    private static final long RETURNS_HASH = VALUE.byteOffset(MemoryLayout.PathElement.groupElement("returns_hash"));

    private MadeCodeEntry() {}

    /** What r14 held where the sample of a question was taken. */
    public static long register(MemorySegment question) {
        return question.get(JAVA_LONG, REGISTER);
    }

    /** The address that a key, or a question, asks for. */
    public static long address(MemorySegment key) {
        return key.get(JAVA_LONG, 0);
    }

    /** The process that has it, in the agent's PID namespace. */
    public static int pid(MemorySegment key) {
        return key.get(JAVA_INT, PID);
    }

    /** The block into which the function may have jumped that the question is about; 0 where it is about an instruction. */
    public static int block(MemorySegment key) {
        return key.get(JAVA_INT, BLOCK);
    }

    /** @param block as that of a question */
    public static MemorySegment key(Arena arena, int pid, long address, int block) {
        MemorySegment key = arena.allocate(KEY);
        key.set(JAVA_LONG, 0, address);
        key.set(JAVA_INT, PID, pid);
        key.set(JAVA_INT, BLOCK, block);
        return key;
    }

    /**
     * @param row of {@link UnwindRow} without its offset; 0: nothing can be said
     * @param hash of the bytes around the address
     * @param returns bytes from the address to where code is looked at, too; 0: nowhere
     * @param returnsHash of the bytes around that
     */
    public static MemorySegment value(Arena arena, int row, int hash, int returns, int returnsHash) {
        MemorySegment value = arena.allocate(VALUE);
        value.set(JAVA_INT, 0, row);
        value.set(JAVA_INT, HASH, hash);
        value.set(JAVA_INT, RETURNS, returns);
        value.set(JAVA_INT, RETURNS_HASH, returnsHash);
        return value;
    }

    /** As the kernel side reckons it, of {@link #HASHED_BYTES}. */
    public static int hash(MemorySegment bytes) {
        long hash = 0;
        for (int at = 0; at < HASHED_BYTES; at += Long.BYTES) {
            hash = (hash ^ bytes.get(JAVA_LONG_UNALIGNED, at)) * MULTIPLIER;
        }
        return (int) (hash >>> HASH_SHIFT);
    }
}
