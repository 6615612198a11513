package io.perfagent.python.inject.aarch64;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.python.inject.OwnMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Functions as GCC compiled them for Debian's interpreters on arm64; data is on the page of the code. */
final class Aarch64GetterTest {
    /** adrp x0 or x1 of the page that it is on, which the assembler leaves to the linker. */
    private static final String THIS_PAGE = ".inst 0x90000000";

    private static final String THIS_PAGE_X1 = ".inst 0x90000001";

    private final OwnMemory own;
    private final Aarch64Architecture architecture = new Aarch64Architecture();

    Aarch64GetterTest() throws IOException {
        own = new OwnMemory();
    }

    @AfterEach
    void close() throws IOException {
        own.close();
    }

    @Test
    void aField() throws IOException, InterruptedException {
        put(2816, 0xdead_beef_0000_0001L); // 3.13.18, Py_IsInitialized: an int
        assertThat(evaluate(0, "bti c", THIS_PAGE, "ldr w0, [x0, #2816]", "ret"))
                .hasValue(1);
        assertThat(evaluate(0, "bti c", THIS_PAGE, "ldr x0, [x0, #2816]", "ret"))
                .hasValue(0xdead_beef_0000_0001L);
    }

    @Test
    void whetherAFieldIsNull() throws IOException, InterruptedException {
        String[] isFinalizing = { // 3.14.10
            "bti c", THIS_PAGE, "add x0, x0, #0x90", "ldr x0, [x0]", "cmp x0, #0x0", "cset w0, ne", "ret"
        };
        put(0x90, 0);
        assertThat(evaluate(0, isFinalizing)).hasValue(0);
        put(0x90, 1L << 40);
        assertThat(evaluate(0, isFinalizing)).hasValue(1);
    }

    @Test
    void aFieldThatIsReadInOrder() throws IOException, InterruptedException {
        put(0x28, 7); // 3.15.2, Py_IsInitialized
        String[] isInitialized = {
            "paciasp",
            "stp x29, x30, [sp, #-16]!",
            THIS_PAGE,
            "add x0, x0, #0x28",
            "mov x29, sp",
            "ldar w0, [x0]",
            "ldp x29, x30, [sp], #16",
            "autiasp",
            "ret"
        };
        assertThat(evaluate(0, isInitialized)).hasValue(7);
    }

    @Test
    void aFieldOfTheArgumentOrElseADefault() throws IOException, InterruptedException {
        String[] getEvalFrame = { // 3.13.18
            "bti c",
            "ldr x0, [x0, #64]",
            THIS_PAGE_X1,
            "add x1, x1, #0x6e0",
            "cmp x0, #0x0",
            "csel x0, x1, x0, eq",
            "ret"
        };
        long argument = put(2000, 0) + 0;
        put(2064, 0);
        assertThat(evaluate(argument, getEvalFrame)).hasValue(own.put(0x6e0));
        put(2064, 0x1234_5678_9abcL);
        assertThat(evaluate(argument, getEvalFrame)).hasValue(0x1234_5678_9abcL);
    }

    @Test
    void callsAndBranches() throws IOException, InterruptedException {
        assertThat(evaluate(5, "bl 1f", "cbz x0, 2f", "mov x0, #9", "2: ret", "1: mov x0, #0", "ret"))
                .hasValue(0);
        assertThat(evaluate(
                        5,
                        "cbnz w0, 1f",
                        "ret",
                        "1: cmp w0, #5",
                        "b.eq 2f",
                        "ret",
                        "2: b 3f",
                        "ret",
                        "3: mov w0, #8",
                        "ret"))
                .hasValue(8);
    }

    @Test
    void whatDoesMoreIsNotKnown() throws IOException, InterruptedException {
        assertThat(evaluate(0, "str x0, [x0]", "ret")).isEmpty();
        assertThat(evaluate(0, "ldr x0, [sp, #8]", "ret")).isEmpty();
        assertThat(evaluate(0, "mov x0, xzr", "ret")).isEmpty();
        assertThat(evaluate(0, "b .")).isEmpty();
    }

    private long put(int offset, long value) {
        byte[] bytes = new byte[Long.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
        return own.put(offset, bytes);
    }

    private OptionalLong evaluate(long argument, String... function) throws IOException, InterruptedException {
        long at = own.put(3072, GnuAssembler.assemble(List.of(function)));
        return architecture.getter(own.memory(), at, argument);
    }
}
