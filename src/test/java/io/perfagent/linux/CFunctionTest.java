package io.perfagent.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CFunctionTest {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment capture = CFunction.errnoIn(arena);

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void sixArgumentsEachInItsPlace() {
        MemorySegment text = arena.allocate(64);
        long format = CFunction.address(arena.allocateFrom("%ld %d %ld"));

        int length = CFunction.of("snprintf")
                .callInt(capture, CFunction.address(text), text.byteSize(), format, Long.MIN_VALUE, -7, Long.MAX_VALUE);

        assertThat(text.getString(0))
                .isEqualTo("-9223372036854775808 -7 9223372036854775807")
                .hasSize(length);
    }

    @Test
    void aNegativeIntStaysNegative() {
        assertThat(CFunction.of("abs").callInt(capture, -5)).isEqualTo(5);
        assertThat(CFunction.of("close").callInt(capture, -1)).isEqualTo(-1);
    }

    @Test
    void errnoIsTheCallsOwn() {
        assertThatThrownBy(() -> CFunction.of("close").check("close(-1)", capture, -1))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
        assertThat(CFunction.errno(capture)).isEqualTo(Errno.EBADF.number());
    }

    @Test
    void moreArgumentsThanRegistersAreAFault() {
        assertThatThrownBy(() -> CFunction.of("abs").call(capture, 1, 2, 3, 4, 5, 6, 7))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void memoryThatCannotBeGivenToC() {
        MemorySegment onTheHeap = MemorySegment.ofArray(new byte[8]);
        MemorySegment gone;
        try (Arena other = Arena.ofConfined()) {
            gone = other.allocate(ValueLayout.JAVA_LONG);
        }

        assertThatThrownBy(() -> CFunction.address(onTheHeap)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CFunction.address(gone)).isInstanceOf(IllegalArgumentException.class);
    }
}
