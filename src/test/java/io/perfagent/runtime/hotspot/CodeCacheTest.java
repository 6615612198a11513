package io.perfagent.runtime.hotspot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.bpf.abi.BlobField;
import io.perfagent.bpf.abi.CodeHeap;
import io.perfagent.bpf.abi.HotSpotEntry;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Made-up JVMs, and hostile ones. */
class CodeCacheTest {
    @Test
    void layoutOfJdk17() throws Exception {
        HotSpotEntry jvm = describe(MadeUpJvm.jdk17());
        assertThat(jvm.heaps())
                .containsExactly(
                        new CodeHeap(0x7000_0000, 0x7800_0000, 0x8000_0000L),
                        new CodeHeap(0x7800_0000, 0x7900_0000, 0x8100_0000L));
        assertThat(jvm.interpreterStart()).isEqualTo(0x7000_1000);
        assertThat(jvm.interpreterEnd()).isEqualTo(0x7000_1000 + 97_760);
        assertThat(jvm.callStubReturn()).isEqualTo(0x7000_0cc9);
        assertThat(jvm.continuationReturnAt()).isZero();
        assertThat(jvm.frameSize()).isEqualTo(new BlobField(16 + 28, 4));
        assertThat(jvm.frameComplete()).isEqualTo(new BlobField(16 + 20, 4));
        assertThat(jvm.code()).isEqualTo(new BlobField(16 + 32, 8));
        assertThat(jvm.blockHeader()).isEqualTo(16);
        assertThat(jvm.segmentShift()).isEqualTo(7);
    }

    @Test
    void layoutOfJdk25() throws Exception {
        MadeUpJvm made = MadeUpJvm.jdk25();
        HotSpotEntry jvm = describe(made);
        assertThat(jvm.frameComplete()).isEqualTo(new BlobField(8 + 54, 2));
        assertThat(jvm.code()).isEqualTo(new BlobField(8 + 36, 4));
        assertThat(jvm.used()).isEqualTo(new BlobField(4, 1));
        assertThat(jvm.continuationReturnAt()).isEqualTo(made.addressOf("ContinuationEntry::_return_pc"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"CodeCache::_heaps", "AbstractInterpreter::_code", "StubRoutines::_call_stub_return_address"})
    void isNotThereBeforeTheJvmIs(String field) throws Exception {
        assertThat(MadeUpJvm.jdk17().with(field, 0).describe()).isNull();
    }

    /** The interpreter is made in a buffer that is cut to its size at the end. */
    @Test
    void isNotThereWhileTheInterpreterIsMade() throws Exception {
        assertThat(MadeUpJvm.jdk17().withInterpreter(50_000, 200_000).describe())
                .isNull();
    }

    @Test
    void refusesWhatIsMissing() {
        expectRefused(MadeUpJvm.jdk17().without("CodeBlob::_frame_size"), "no CodeBlob::_frame_size");
        expectRefused(MadeUpJvm.jdk17().without("HeapBlock"), "no type HeapBlock");
        expectRefused(MadeUpJvm.jdk17().without("gHotSpotVMTypes"), "no symbol gHotSpotVMTypes");
    }

    @Test
    void refusesNumbersOutOfRange() {
        expectRefused(MadeUpJvm.jdk17().withHeaps(0), "0 is not between 1 and 6");
        expectRefused(MadeUpJvm.jdk17().withHeaps(1 << 30), "is not between 1 and 6");
        expectRefused(MadeUpJvm.jdk17().withSegmentShift(63), "63 is not between 1 and 16");
        expectRefused(MadeUpJvm.jdk17().withInterpreter(1 << 30, 1 << 30), "is not between");
        expectRefused(MadeUpJvm.jdk17().with("CodeBlob::_size", "int", 4096), "4112 is not between 0 and 127");
        expectRefused(MadeUpJvm.jdk17().with("CodeBlob::_size", "int", -200), "is not between 0 and 127");
        expectRefused(MadeUpJvm.jdk17().with("CodeBlob::_size", "Klass*", 12), "a field of type Klass*");
        expectRefused(MadeUpJvm.jdk17().with("CodeCache::_heaps", 3), "a number at 0x3");
        expectRefused(MadeUpJvm.jdk17().with("CodeCache::_heaps", 0x6666_0000), "no memory at 0x66660000");
    }

    /** An array without an end, and names without one. */
    @Test
    void readsNoMoreThanAJvmHas() {
        expectRefused(MadeUpJvm.jdk17().withStride(0), "more than 16384 entries");
        expectRefused(MadeUpJvm.jdk17().withStride(1 << 20), "gHotSpotVMStructEntryArrayStride is 1048576");
        expectRefused(MadeUpJvm.jdk17().with("x".repeat(300) + "::y", "int", 0), "a name of more than 256 bytes");
    }

    private static HotSpotEntry describe(MadeUpJvm jvm) throws Exception {
        return Objects.requireNonNull(jvm.describe());
    }

    private static void expectRefused(MadeUpJvm jvm, String message) {
        assertThatThrownBy(jvm::describe).isInstanceOf(MalformedJvm.class).hasMessageContaining(message);
    }
}
