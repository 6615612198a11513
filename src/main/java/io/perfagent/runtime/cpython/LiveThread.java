package io.perfagent.runtime.cpython;

import io.perfagent.bpf.abi.CPythonEntry;
import io.perfagent.bpf.abi.CPythonEntry.Offsets;
import io.perfagent.bpf.abi.CPythonEntry.Shape;
import io.perfagent.bpf.abi.Limits;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.PythonFrames.End;
import io.perfagent.runtime.cpython.StateList.State;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;

/** One thread's frames as they are read, those of each of its states behind those of the one before. */
final class LiveThread {
    /** A thread has a state for each interpreter that it has run. */
    private static final int MOST_STATES = 4;

    /** Of a frame and the call that runs it. */
    private static final int MOST_WORDS = 3;

    private static final int POINTER_BITS = 47;
    private static final long NOT_IN_CODE = 1L << 31;

    private final CodeTag tag;
    private final CPythonEntry entry;
    private final Offsets offsets;
    private final PythonMemory memory;
    private final Map<Long, Integer> tags;
    private final Functions functions;
    private final long stack;
    private final long stackEnd;
    private long[] words = new long[64];
    private int count;
    private End end = End.NONE;

    /** Is told which function code is run by. */
    interface Functions {
        void run(long code, long function);
    }

    // Of the state that is being read.
    private long frame;
    private long cframe;
    private long firstLocal;
    private int frames; // since the last call

    /** @param tags of code objects that have been read meanwhile: one that a thread runs stays where it is */
    LiveThread(
            Python python,
            PythonMemory memory,
            Map<Long, Integer> tags,
            Functions functions,
            long stack,
            long stackEnd) {
        this.functions = functions;
        this.tag = python.layout().tag();
        this.entry = python.entry();
        this.offsets = entry.offsets();
        this.memory = memory;
        this.tags = tags;
        this.stack = stack;
        this.stackEnd = stackEnd;
    }

    PythonFrames frames(StateList states, long fsBase) {
        boolean many = states.interpreters().size() > 1;
        int found = 0;
        for (State state : states.all()) {
            if (found < MOST_STATES && runs(state, fsBase, many)) {
                found++;
                readState(state, many);
            }
        }
        return new PythonFrames(Arrays.copyOf(words, count), found == 0 ? End.NO_THREAD : end);
    }

    /** Up to 3.12 a thread may run a state that another has made: then its innermost CFrame is on the stack. */
    private boolean runs(State state, long fsBase, boolean many) {
        return (many && hasCframes()) ? isOnStack(state.cframe()) : state.id() == fsBase;
    }

    private boolean hasCframes() {
        return entry.shape() == Shape.CFRAMES || entry.frameByCframe();
    }

    /**
     * Of several states, one whose calls are on another stack is another thread's by now, and one that cannot be read to its end is left
     * out: where it belongs among the others is not known.
     */
    private void readState(State state, boolean many) {
        int before = count;
        firstLocal = 0;
        frames = 0;
        End read = read(state);
        if (many && (read != End.READ || (firstLocal != 0 && !isOnStack(firstLocal)))) {
            count = before;
        }
        end = read.compareTo(end) > 0 ? read : end; // one that could not be read is what is said of all
    }

    private boolean isOnStack(long address) {
        return Long.compareUnsigned(address, stack) >= 0 && Long.compareUnsigned(address, stackEnd) < 0;
    }

    private End read(State state) {
        try {
            cframe = state.cframe();
            frame = memory.word(
                    entry.frameByCframe() ? cframe + offsets.cframeFrame() : state.address() + offsets.threadFrame());
            for (int steps = 0; frame != 0; steps++) {
                if (count + MOST_WORDS > Limits.MAX_PYTHON_WORDS || steps > Limits.MAX_PYTHON_WORDS) {
                    return End.TOO_DEEP;
                }
                if (!readFrame()) {
                    return End.UNREADABLE;
                }
            }
            return End.READ;
        } catch (MissedException _) {
            return End.UNREADABLE;
        }
    }

    /** Reads a frame and goes to the one that called it; false where it is none. */
    private boolean readFrame() throws MissedException {
        ByteBuffer bytes = memory.read(frame, offsets.frameSize());
        int owner = Byte.toUnsignedInt(bytes.get(offsets.frameOwner()));
        long here = frame;
        frame = bytes.getLong(offsets.framePrevious());
        if (entry.shape() == Shape.SHIMS && owner >= entry.shimOwner()) {
            endCall(here);
            return true;
        }
        long code = bytes.getLong(offsets.frameCode()) & entry.pointerMask();
        if (code == 0 || code >>> POINTER_BITS != 0) {
            return false;
        }
        if (!tags.containsKey(code) && offsets.textData() != 0) {
            functions.run(code, bytes.getLong(offsets.frameFunction()) & entry.pointerMask());
        }
        add(PythonFrames.frameWord(code));
        add((instruction(bytes.getLong(offsets.frameInstruction()), code) << 32)
                | Integer.toUnsignedLong(tags.computeIfAbsent(code, this::tag)));
        frames++;
        if (entry.shape() == Shape.COUNTED) {
            endCall(0);
        } else if (entry.shape() == Shape.CFRAMES || (entry.shape() == Shape.ENTRIES && owner != 0)) {
            endCall(cframe);
            cframe = memory.word(cframe + offsets.cframePrevious());
        }
        return true;
    }

    /** The frames since the last call are run by the one that has this local; a call that has just begun has none yet. */
    private void endCall(long local) {
        firstLocal = firstLocal == 0 ? local : firstLocal;
        if (frames > 0) {
            add(PythonFrames.callWord(local));
        }
        frames = 0;
    }

    private long instruction(long word, long code) {
        long bytes = word - code - offsets.codeFirstInstruction();
        if (!entry.instructionIsAddress()) {
            return word;
        }
        return Long.compareUnsigned(bytes + 2, NOT_IN_CODE) < 0 ? bytes : NOT_IN_CODE; // 2: before the first one
    }

    /** One that cannot be read is gone when its name is asked for. */
    private int tag(long code) {
        try {
            return tag.read(code, memory);
        } catch (MissedException _) {
            return 0;
        }
    }

    private void add(long word) {
        if (count == words.length) {
            words = Arrays.copyOf(words, 2 * count);
        }
        words[count++] = word;
    }
}
