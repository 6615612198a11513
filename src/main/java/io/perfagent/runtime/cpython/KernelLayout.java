package io.perfagent.runtime.cpython;

import io.perfagent.bpf.abi.CPythonEntry;
import io.perfagent.bpf.abi.CPythonEntry.CodeCounter;
import io.perfagent.bpf.abi.CPythonEntry.Offsets;
import io.perfagent.bpf.abi.CPythonEntry.Shape;
import io.perfagent.bpf.abi.CPythonEntry.TagWord;
import io.perfagent.bpf.abi.Limits;
import io.perfagent.runtime.cpython.PythonLayout.CFrames;
import io.perfagent.runtime.cpython.PythonLayout.Frames;
import io.perfagent.runtime.cpython.PythonLayout.Instruction;
import io.perfagent.runtime.cpython.PythonLayout.Threads;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** As much of a layout as the kernel side reads by. */
final class KernelLayout {
    private KernelLayout() {}

    /**
     * The entry of a process.
     *
     * @param runtime runtime address of {@code _PyRuntime}
     * @param gil where the lock is
     * @param counter of code objects, if the process has one for all interpreters: runtime address, or 0
     * @return null where a field is further from its object's start than the kernel side reads
     */
    static @Nullable CPythonEntry of(PythonLayout layout, long runtime, Gil gil, long counter) {
        Threads threads = layout.threads();
        CFrames cframes = layout.cframes();
        Frames frames = layout.frames();
        FunctionLayout functions = FunctionLayout.of(layout);
        boolean byCframe = cframes.current() != PythonLayout.NONE;
        Offsets offsets = new Offsets(
                threads.nextInterpreter(),
                threads.firstThread(),
                threads.previous(),
                threads.next(),
                threads.interpreter(),
                threads.id(),
                byCframe ? 0 : threads.top(),
                orZero(threads.cframe()),
                orZero(cframes.current()),
                orZero(cframes.previous()),
                threadBytes(threads),
                frameBytes(frames),
                frames.code(),
                frames.previous(),
                frames.instruction(),
                orZero(layout.minor() == 11 ? frames.entry() : frames.owner()),
                orZero(layout.code().firstInstruction()),
                layout.code().qualifiedName() == PythonLayout.NONE
                        ? layout.code().name()
                        : layout.code().qualifiedName(),
                layout.code().file(),
                layout.code().lines(),
                functions == null ? 0 : functions.inFrame(),
                functions == null ? 0 : functions.qualifiedName(),
                functions == null ? 0 : functions.module(),
                functions == null ? 0 : layout.objects().asciiData(),
                layout.tag().start(),
                layout.tag().size(),
                layout.tag().words().stream()
                        .map(word -> new TagWord(word.at() - layout.tag().start(), orZero(word.inside())))
                        .toList());
        return isReadable(offsets)
                ? new CPythonEntry(
                        runtime + threads.firstInterpreter(),
                        ~(long) frames.tagBits(),
                        offsets,
                        shape(layout.minor()),
                        frames.kind() == Instruction.POINTER,
                        byCframe,
                        orZero(frames.shimOwner()),
                        new CodeCounter(counter, orZero(layout.tag().counter())),
                        gil.lock())
                : null;
    }

    private static boolean isReadable(Offsets offsets) {
        boolean near = IntStream.of(offsets.inOrder()).allMatch(offset -> offset >= 0 && offset <= 0xffff);
        return near
                && offsets.tagSize() <= Limits.PYTHON_TAG_BYTES
                && offsets.threadSize() <= Limits.PYTHON_THREAD_BYTES
                && offsets.frameSize() <= Limits.PYTHON_FRAME_BYTES;
    }

    private static int threadBytes(Threads threads) {
        return Long.BYTES
                + IntStream.of(
                                threads.previous(),
                                threads.next(),
                                threads.interpreter(),
                                threads.id(),
                                threads.top(),
                                threads.cframe())
                        .max()
                        .orElseThrow();
    }

    /** No more than there is of the smallest frame: the next page need not be there. */
    private static int frameBytes(Frames frames) {
        int words = IntStream.of(frames.code(), frames.previous(), frames.instruction())
                .map(at -> at + Long.BYTES)
                .max()
                .orElseThrow();
        int last = Math.max(words, Math.max(frames.owner(), frames.entry()) + 1);
        return (last + Long.BYTES - 1) & -Long.BYTES;
    }

    private static Shape shape(int minor) {
        return switch (minor) {
            case 6, 7, 8, 9 -> Shape.COUNTED;
            case 10 -> Shape.CFRAMES;
            case 11 -> Shape.ENTRIES;
            default -> Shape.SHIMS;
        };
    }

    private static int orZero(int offset) {
        return offset == PythonLayout.NONE ? 0 : offset;
    }
}
