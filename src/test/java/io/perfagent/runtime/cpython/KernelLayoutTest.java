package io.perfagent.runtime.cpython;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.CPythonEntry;
import io.perfagent.bpf.abi.CPythonEntry.Offsets;
import io.perfagent.bpf.abi.CPythonEntry.Shape;
import io.perfagent.runtime.cpython.PythonLayout.Code;
import io.perfagent.runtime.cpython.PythonLayout.Frames;
import io.perfagent.runtime.cpython.PythonLayout.Threads;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected offsets are those of the structs in CPython's headers. */
class KernelLayoutTest {
    private static final long RUNTIME = 0x7f00_0000_0000L;

    /** Up to 3.10 a state has its frame, in 3.11 and 3.12 the CFrame that it has. */
    @ParameterizedTest
    @CsvSource({
        // minor, interpreters, shape, thread: frame cframe, cframe: frame previous, frame: size code previous
        // instruction owner
        " 6,  0, COUNTED, 24,  0, 0,  0, 128, 32, 24, 120,  0",
        " 7, 24, COUNTED, 24,  0, 0,  0, 112, 32, 24, 104,  0",
        " 8, 32, COUNTED, 24,  0, 0,  0, 112, 32, 24, 104,  0",
        " 9, 32, COUNTED, 24,  0, 0,  0, 112, 32, 24, 104,  0",
        "10, 32, CFRAMES, 24, 48, 0,  8, 104, 32, 24,  96,  0",
        "11, 40, ENTRIES,  0, 56, 8, 16,  72, 32, 48,  56, 68",
        "12, 40, SHIMS,    0, 56, 0,  8,  72,  0,  8,  56, 70"
    })
    void whatTheKernelSideIsTold(
            int minor,
            int interpreters,
            Shape shape,
            int threadFrame,
            int threadCframe,
            int cframeFrame,
            int cframePrevious,
            int size,
            int code,
            int previous,
            int instruction,
            int owner) {
        CPythonEntry entry = entry(layout(minor));
        Offsets offsets = entry.offsets();
        assertThat(entry.interpreters()).isEqualTo(RUNTIME + interpreters);
        assertThat(entry.shape()).isEqualTo(shape);
        assertThat(entry.pointerMask()).isEqualTo(-1);
        assertThat(entry.instructionIsAddress()).isEqualTo(minor >= 11);
        assertThat(entry.frameByCframe()).isEqualTo(minor >= 11);
        assertThat(new int[] {
                    offsets.threadFrame(), offsets.threadCframe(), offsets.cframeFrame(), offsets.cframePrevious()
                })
                .containsExactly(threadFrame, threadCframe, cframeFrame, cframePrevious);
        assertThat(new int[] {
                    offsets.frameSize(),
                    offsets.frameCode(),
                    offsets.framePrevious(),
                    offsets.frameInstruction(),
                    offsets.frameOwner()
                })
                .containsExactly(size, code, previous, instruction, owner);
    }

    @Test
    void tagsOfTheAddressAreMaskedOut() {
        PythonLayout layout = layout(12);
        Frames frames = layout.frames();
        Frames tagged = new Frames(
                frames.code(), frames.previous(), frames.instruction(), frames.kind(), 74, frames.entry(), 3, 3);
        CPythonEntry entry = entry(with(layout, tagged));
        assertThat(0x7f00_0000_1003L & entry.pointerMask()).isEqualTo(0x7f00_0000_1000L);
        assertThat(entry.offsets().frameOwner()).isEqualTo(74);
        assertThat(entry.offsets().frameSize())
                .as("the owner's byte, and no word more")
                .isEqualTo(80);
    }

    /** The kernel side has 128 bytes for a frame, 256 for a thread state, and 96 for the words of a tag. */
    @Test
    void aFieldThatIsTooFarAway() {
        PythonLayout layout = layout(12);
        assertThat(KernelLayout.of(with(layout, instructionAt(layout, 120)), RUNTIME, Gil.Unknown.UNKNOWN, 0))
                .isNotNull();
        assertThat(KernelLayout.of(with(layout, instructionAt(layout, 128)), RUNTIME, Gil.Unknown.UNKNOWN, 0))
                .isNull();
        assertThat(KernelLayout.of(with(layout, linesAt(layout, 152)), RUNTIME, Gil.Unknown.UNKNOWN, 0))
                .isNotNull();
        assertThat(KernelLayout.of(with(layout, linesAt(layout, 160)), RUNTIME, Gil.Unknown.UNKNOWN, 0))
                .isNull();
        assertThat(KernelLayout.of(with(layout, idAt(layout, 248)), RUNTIME, Gil.Unknown.UNKNOWN, 0))
                .isNotNull();
        assertThat(KernelLayout.of(with(layout, idAt(layout, 256)), RUNTIME, Gil.Unknown.UNKNOWN, 0))
                .isNull();
        assertThat(KernelLayout.of(with(layout, idAt(layout, PythonLayout.NONE)), RUNTIME, Gil.Unknown.UNKNOWN, 0))
                .isNull();
    }

    private static CPythonEntry entry(PythonLayout layout) {
        return Objects.requireNonNull(KernelLayout.of(layout, RUNTIME, Gil.Unknown.UNKNOWN, 0));
    }

    private static PythonLayout layout(int minor) {
        return (PythonLayout) FixedLayouts.of(minor);
    }

    private static Frames instructionAt(PythonLayout layout, int offset) {
        Frames frames = layout.frames();
        return new Frames(
                frames.code(),
                frames.previous(),
                offset,
                frames.kind(),
                frames.owner(),
                frames.entry(),
                frames.tagBits(),
                frames.shimOwner());
    }

    private static CodeTag linesAt(PythonLayout layout, int offset) {
        Code code = layout.code();
        Code moved = new Code(
                code.flags(),
                code.firstLine(),
                code.version(),
                code.file(),
                code.name(),
                code.qualifiedName(),
                offset,
                code.firstInstruction(),
                code.instructions(),
                code.constants());
        return CodeTag.byVersion(moved, layout.tag().counter());
    }

    private static Threads idAt(PythonLayout layout, int offset) {
        Threads threads = layout.threads();
        return new Threads(
                threads.firstInterpreter(),
                threads.nextInterpreter(),
                threads.firstThread(),
                threads.previous(),
                threads.next(),
                threads.interpreter(),
                offset,
                threads.nativeId(),
                threads.top(),
                threads.cframe(),
                threads.base());
    }

    private static PythonLayout with(PythonLayout layout, Frames frames) {
        return new PythonLayout(
                layout.minor(),
                layout.threads(),
                layout.cframes(),
                frames,
                layout.code(),
                layout.tag(),
                layout.objects());
    }

    private static PythonLayout with(PythonLayout layout, CodeTag tag) {
        return new PythonLayout(
                layout.minor(),
                layout.threads(),
                layout.cframes(),
                layout.frames(),
                layout.code(),
                tag,
                layout.objects());
    }

    private static PythonLayout with(PythonLayout layout, Threads threads) {
        return new PythonLayout(
                layout.minor(),
                threads,
                layout.cframes(),
                layout.frames(),
                layout.code(),
                layout.tag(),
                layout.objects());
    }
}
