package io.perfagent.process;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Mapping;
import io.perfagent.model.ProcessEvent;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Records as include/uapi/linux/perf_event.h describes them, and bytes that are none. */
class SideBandRecordsTest {
    private static final int LOST = 2;
    private static final int COMM = 3;
    private static final int EXIT = 4;
    private static final int FORK = 7;
    private static final int MMAP2 = 10;
    private static final int COMM_EXEC = 1 << 13;
    private static final int BUILD_ID = 1 << 14;
    private static final int NO_MISC = 2; // PERF_RECORD_MISC_USER
    private static final long TIME = 123_456_789_012L;

    @Test
    void forkOfAProcess() {
        assertThat(SideBandRecords.parse(task(FORK, 42, 40, 42, 41))).isEqualTo(new ProcessEvent.Forked(40, 42, TIME));
    }

    @Test
    void newThreadIsNoProcess() {
        assertThat(SideBandRecords.parse(task(FORK, 42, 42, 43, 42))).isNull();
    }

    /** kernel/events/core.c, perf_event_pid_type(): 0 for a process of another PID namespace, −1 for one that has ended. */
    @Test
    void whatOurPidNamespaceDoesNotSee() {
        for (int pid : new int[] {0, -1}) {
            assertThat(SideBandRecords.parse(task(FORK, pid, 40, pid, 40))).isNull();
            assertThat(SideBandRecords.parse(task(EXIT, pid, 40, pid, 40))).isNull();
        }
        assertThat(SideBandRecords.parse(task(FORK, 42, 0, 42, 0))).isEqualTo(new ProcessEvent.Forked(0, 42, TIME));
    }

    @Test
    void exitOfAThread() {
        assertThat(SideBandRecords.parse(task(EXIT, 42, 40, 43, 40))).isEqualTo(new ProcessEvent.Exited(42, 43, TIME));
    }

    @Test
    void execIsACommOfItsKindOnly() {
        assertThat(SideBandRecords.parse(comm(COMM_EXEC | NO_MISC, "python3")))
                .isEqualTo(new ProcessEvent.Executed(42, "python3", TIME));
        assertThat(SideBandRecords.parse(comm(NO_MISC, "worker"))).isNull();
    }

    @Test
    void mappingOfAFile() {
        assertThat(SideBandRecords.parse(mapping(NO_MISC, 0x7f0000001000L, 0x5000, 5, "/usr/lib/libfoo.so")))
                .isEqualTo(new ProcessEvent.Mapped(
                        42,
                        new Mapping(
                                0x7f0000001000L,
                                0x7f0000006000L,
                                0x2000,
                                true,
                                false,
                                true,
                                254,
                                1,
                                77,
                                "/usr/lib/libfoo.so",
                                false),
                        TIME));
    }

    @Test
    void nameOfADeletedFileAndNoNameOfAnonymousMemory() {
        ProcessEvent.Mapped deleted =
                (ProcessEvent.Mapped) SideBandRecords.parse(mapping(NO_MISC, 4096, 4096, 7, "/memfd:jit (deleted)"));
        ProcessEvent.Mapped anonymous =
                (ProcessEvent.Mapped) SideBandRecords.parse(mapping(NO_MISC, 4096, 4096, 4, "//anon"));
        assertThat(deleted).isNotNull();
        assertThat(deleted.mapping().path()).isEqualTo("/memfd:jit");
        assertThat(deleted.mapping().deleted()).isTrue();
        assertThat(deleted.mapping().writable()).isTrue();
        assertThat(anonymous).isNotNull();
        assertThat(anonymous.mapping().path()).isEmpty();
        assertThat(anonymous.mapping().readable()).isFalse();
    }

    @Test
    void mappingsThatCannotBe() {
        assertThat(SideBandRecords.parse(mapping(NO_MISC, 4096, 4096, 3, "data")))
                .isNull();
        assertThat(SideBandRecords.parse(mapping(NO_MISC, 4096, 0, 5, "empty"))).isNull();
        assertThat(SideBandRecords.parse(mapping(NO_MISC, 4096, -1, 5, "huge"))).isNull();
        assertThat(SideBandRecords.parse(mapping(NO_MISC, Long.MAX_VALUE, 1, 5, "over the end")))
                .isNull();
        assertThat(SideBandRecords.parse(mapping(NO_MISC | BUILD_ID, 4096, 4096, 5, "another layout")))
                .isNull();
    }

    @Test
    void lostRecordsAreCounted() {
        MemorySegment lost = record(
                LOST,
                NO_MISC,
                ByteBuffer.allocate(16)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(5)
                        .putLong(123));
        assertThat(SideBandRecords.lost(lost)).isEqualTo(123);
        assertThat(SideBandRecords.parse(lost)).isNull();
        assertThat(SideBandRecords.lost(task(FORK, 1, 2, 1, 2))).isZero();
    }

    /** A record that is cut anywhere says nothing, or what it still can say; never more than its bytes. */
    @Test
    void recordsOfAnyLengthAndContent() {
        Random random = new Random(3);
        for (MemorySegment whole : new MemorySegment[] {
            task(FORK, 42, 40, 42, 41),
            task(EXIT, 42, 40, 42, 41),
            comm(COMM_EXEC, "a"),
            mapping(NO_MISC, 4096, 4096, 5, "/x"),
            record(LOST, 0, ByteBuffer.allocate(16))
        }) {
            for (int length = 8; length <= whole.byteSize(); length++) {
                byte[] bytes = whole.asSlice(0, length).toArray(JAVA_BYTE);
                var _ = SideBandRecords.parse(MemorySegment.ofArray(bytes));
                var _ = SideBandRecords.lost(MemorySegment.ofArray(bytes));
                random.nextBytes(bytes);
                bytes[0] = (byte) random.nextInt(20);
                Arrays.fill(bytes, 1, 4, (byte) 0);
                var _ = SideBandRecords.parse(MemorySegment.ofArray(bytes));
                var _ = SideBandRecords.lost(MemorySegment.ofArray(bytes));
            }
        }
    }

    private static MemorySegment task(int type, int pid, int ppid, int tid, int ptid) {
        return record(
                type,
                NO_MISC,
                ByteBuffer.allocate(24)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(pid)
                        .putInt(ppid)
                        .putInt(tid)
                        .putInt(ptid)
                        .putLong(TIME));
    }

    private static MemorySegment comm(int misc, String name) {
        return record(
                COMM,
                misc,
                ByteBuffer.allocate(24)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(42)
                        .putInt(43)
                        .put(name.getBytes(StandardCharsets.UTF_8)));
    }

    private static MemorySegment mapping(int misc, long start, long length, int protection, String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        return record(
                MMAP2,
                misc,
                ByteBuffer.allocate(64 + (text.length + 8) / 8 * 8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(42)
                        .putInt(43)
                        .putLong(start)
                        .putLong(length)
                        .putLong(0x2000)
                        .putInt(254)
                        .putInt(1)
                        .putLong(77)
                        .putLong(9)
                        .putInt(protection)
                        .putInt(2)
                        .put(text));
    }

    private static MemorySegment record(int type, int misc, ByteBuffer body) {
        int size = 8 + body.capacity() + 24;
        byte[] bytes = new byte[size];
        ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(type)
                .putShort((short) misc)
                .putShort((short) size)
                .put(body.rewind())
                .putInt(42)
                .putInt(43)
                .putLong(TIME)
                .putInt(1)
                .putInt(0);
        return MemorySegment.ofArray(bytes);
    }
}
