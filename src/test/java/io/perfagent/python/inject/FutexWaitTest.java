package io.perfagent.python.inject;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may be borrowed from a wait, and who not, by what lies at and before the word that is waited for. */
class FutexWaitTest {
    private static final AddressRange RUNTIME = new AddressRange(0x7f0000001000L, 0x7f0000002000L);

    private OwnMemory own;

    @BeforeEach
    void open() throws IOException {
        own = new OwnMemory();
    }

    @AfterEach
    void close() throws IOException {
        own.close();
    }

    @Test
    void forTheRuntimesOwn() {
        assertThat(wait(RUNTIME).isForOthers(RUNTIME.start() + 8)).isFalse();
    }

    @Test
    void forALockOfTheRuntimeInTheParkingLot() {
        assertThat(wait(RUNTIME).isForOthers(semaphoreOf(RUNTIME.start() + 624)))
                .isFalse();
    }

    @Test
    void forALockOnTheHeapInTheParkingLot() {
        assertThat(wait(RUNTIME).isForOthers(semaphoreOf(RUNTIME.end()))).isTrue();
    }

    @Test
    void forTheFirstWordOfItsMapping() {
        assertThat(wait(RUNTIME).isForOthers(Long.BYTES)).isTrue();
    }

    @Test
    void whereTheRuntimeIsNotKnown() {
        assertThat(wait(new AddressRange(0, 0)).isForOthers(semaphoreOf(0))).isFalse();
    }

    private FutexWait wait(AddressRange runtime) {
        return new FutexWait(runtime, own.memory());
    }

    /** The semaphore of a wait entry. */
    private long semaphoreOf(long lock) {
        byte[] word = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(lock)
                .array();
        return own.put(64, word) + Long.BYTES;
    }
}
