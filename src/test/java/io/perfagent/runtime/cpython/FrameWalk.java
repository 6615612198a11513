package io.perfagent.runtime.cpython;

import static io.perfagent.runtime.cpython.PythonLayout.NONE;

import io.perfagent.model.CodeMemory;
import io.perfagent.runtime.cpython.PythonLayout.CFrames;
import io.perfagent.runtime.cpython.PythonLayout.Frames;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Follows a waiting thread's frames, as the kernel side does. */
final class FrameWalk {
    private static final int MOST = 10_000;

    private final PythonLayout layout;
    private final PythonMemory memory;
    private final CodeObjects codes;
    /** Frames that stand for a call of the evaluation function. */
    private int shims;

    FrameWalk(PythonLayout layout, CodeMemory memory) {
        this.layout = layout;
        this.memory = new PythonMemory(memory);
        this.codes = new CodeObjects(layout, memory);
    }

    /** What a frame runs, and where in it. */
    record Frame(long code, int instruction, int tag) {}

    /** As {@code frames.py} writes them: {@code call address line name file}. */
    List<String> calls(ThreadState thread) throws MissedException {
        List<String> calls = new ArrayList<>();
        for (Frame frame : frames(thread)) {
            calls.add(call(frame));
        }
        return calls;
    }

    /** Innermost first. */
    List<Frame> frames(ThreadState thread) throws MissedException {
        Frames frames = layout.frames();
        List<Frame> found = new ArrayList<>();
        long frame = top(thread.address());
        for (int count = 0; frame != 0 && count < MOST; count++) {
            ByteBuffer bytes = memory.read(frame, frameBytes(frames));
            if (frames.shimOwner() != NONE && bytes.get(frames.owner()) >= frames.shimOwner()) {
                shims++;
            } else {
                long code = bytes.getLong(frames.code()) & ~(long) frames.tagBits();
                found.add(new Frame(code, instruction(code, bytes), codes.tag(code)));
            }
            frame = bytes.getLong(frames.previous());
        }
        return found;
    }

    int shims() {
        return shims;
    }

    /** How many calls of the evaluation function a thread is in, by their locals; 3.10 to 3.12. */
    int cframes(ThreadState thread) throws MissedException {
        CFrames cframes = layout.cframes();
        int count = 0;
        long cframe = memory.word(thread.address() + layout.threads().cframe());
        for (; cframe != 0 && count < MOST; count++) {
            cframe = memory.word(cframe + cframes.previous());
        }
        return count - 1; // that of the thread state ends the list
    }

    private long top(long state) throws MissedException {
        long top = memory.word(state + layout.threads().top());
        return layout.cframes().current() == NONE
                ? top
                : memory.word(top + layout.cframes().current());
    }

    /** Behind a frame there may be no memory any more. */
    private static int frameBytes(Frames frames) {
        return Math.max(frames.instruction() + Long.BYTES, frames.owner() + 1);
    }

    private int instruction(long code, ByteBuffer frame) {
        int at = layout.frames().instruction();
        return switch (layout.frames().kind()) {
            case BYTES, UNITS -> frame.getInt(at);
            case POINTER ->
                Math.toIntExact(frame.getLong(at) - code - layout.code().firstInstruction());
        };
    }

    private String call(Frame frame) {
        return switch (codes.read(frame.code, frame.tag)) {
            case CodeObject found ->
                "call " + frame.code + " " + found.lines().line(layout.offset(frame.instruction)) + " " + found.name()
                        + " " + found.file();
            case CodeMiss miss -> miss + " at " + frame.code;
        };
    }
}
