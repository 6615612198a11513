package io.perfagent.runtime.cpython;

import static io.perfagent.runtime.cpython.PythonLayout.NONE;

import io.perfagent.model.CodeMemory;
import io.perfagent.runtime.cpython.PythonLayout.CFrames;
import io.perfagent.runtime.cpython.PythonLayout.Code;
import io.perfagent.runtime.cpython.PythonLayout.Frames;
import io.perfagent.runtime.cpython.PythonLayout.Instruction;
import io.perfagent.runtime.cpython.PythonLayout.Objects;
import io.perfagent.runtime.cpython.PythonLayout.Threads;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What {@code _PyRuntime} says of the layout from 3.13 on, {@code _Py_DebugOffsets}: words of 64 bits, in groups, each of which begins with
 * the size of a struct. Minor versions differ in where the groups begin; offsets of fields change from one release to the next, as in 3.14.5.
 *
 * <pre>
 *   0 cookie │ 1 version │ 2 free-threaded │ 3 runtime: size, finalizing, first interpreter │ 6 interpreter: size, id, next, first thread, …
 *   thread: size, previous, next, interpreter, current frame, [base frame], … thread id, native id, …
 *   frame: size, previous, executable, instruction, locals, owner, …
 *   code: size, file, name, qualified name, lines, first line, arguments, locals' names, locals' kinds, instructions, …
 *   object: size, type │ type: size, name, … │ tuple: size, items, … │ bytes: size, length, data │ str: size, state, length, size of an ASCII one
 * </pre>
 */
final class DebugOffsets {
    private static final long COOKIE = 0x7970_6775_6265_6478L; // "xdebugpy"
    private static final int WORDS = 96;
    private static final int RUNTIME = 3;
    private static final int INTERPRETER = 6;
    /** Interpreters of 3.13 have 160 KiB, and one lies in {@code _PyRuntime}. */
    private static final long LARGEST_STATE = 16 << 20;

    private static final long LARGEST_OBJECT = 4096;

    /** Later each thread without the GIL runs a copy of its own of the code. */
    private static final int LAST_WITH_ONE_CODE = 13;

    private static final int FIRST_WITH_GENERATION = 14;

    /** Where the groups begin, and the word of a thread's id. */
    private enum Groups {
        PYTHON_3_13(19, 24, NONE, 28, 34, 44, 46, 50, 64, 67),
        PYTHON_3_14(22, 27, NONE, 31, 39, 50, 52, 56, 74, 77),
        PYTHON_3_15(22, 30, 27, 39, 47, 58, 60, 68, 86, 89);

        final int thread;
        final int threadId;
        final int base;
        final int frame;
        final int code;
        final int object;
        final int type;
        final int tuple;
        final int bytes;
        final int text;

        Groups(
                int thread,
                int threadId,
                int base,
                int frame,
                int code,
                int object,
                int type,
                int tuple,
                int bytes,
                int text) {
            this.thread = thread;
            this.threadId = threadId;
            this.base = base;
            this.frame = frame;
            this.code = code;
            this.object = object;
            this.type = type;
            this.tuple = tuple;
            this.bytes = bytes;
            this.text = text;
        }
    }

    /** An offset that cannot be one. */
    private static final class ContradictionException extends Exception {
        private static final long serialVersionUID = 1;
    }

    private final int minor;
    private final Groups groups;
    private final ByteBuffer words;

    private DebugOffsets(int minor, Groups groups, ByteBuffer words) {
        this.minor = minor;
        this.groups = groups;
        this.words = words;
    }

    static LayoutResult read(int minor, long runtime, CodeMemory memory) {
        if (minor < 13 || minor - 13 >= Groups.values().length) {
            return LayoutRefusal.UNKNOWN_VERSION;
        }
        byte[] bytes = new byte[WORDS * Long.BYTES];
        if (!memory.read(runtime, bytes, 0, bytes.length)) {
            return LayoutRefusal.UNREADABLE;
        }
        ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return new DebugOffsets(minor, Groups.values()[minor - 13], words).result();
    }

    /** {@code … ceval_gil │ gil_runtime_state, enabled, locked, holder}: offsets in an interpreter, which has the first GIL inside. */
    static Gil gil(int minor, long runtime, CodeMemory memory) {
        byte[] bytes = new byte[WORDS * Long.BYTES];
        if (minor - 13 >= Groups.values().length || !memory.read(runtime, bytes, 0, bytes.length)) {
            return Gil.Unknown.UNKNOWN;
        }
        ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return new DebugOffsets(minor, Groups.values()[minor - 13], words).gil();
    }

    private Gil gil() {
        int first = minor == 13 ? 8 : 9;
        try {
            int pointer = pointer(INTERPRETER, first, LARGEST_STATE);
            int own = pointer(INTERPRETER, first + 1, LARGEST_STATE);
            int locked = offset(INTERPRETER, first + 3, Integer.BYTES, LARGEST_STATE) - own;
            int holder = pointer(INTERPRETER, first + 4, LARGEST_STATE) - own;
            expect(locked >= 0 && locked < LARGEST_OBJECT && holder >= 0 && holder < LARGEST_OBJECT);
            return new Gil.OfInterpreters(pointer, locked, holder);
        } catch (ContradictionException _) {
            return Gil.Unknown.UNKNOWN;
        }
    }

    private LayoutResult result() {
        if (word(0) != COOKIE || word(1) >>> 16 != (3 << 8 | minor)) {
            return LayoutRefusal.NOT_DESCRIBED;
        }
        if (isFreeThreaded() && minor > LAST_WITH_ONE_CODE) {
            return LayoutRefusal.FREE_THREADED;
        }
        try {
            return layout();
        } catch (ContradictionException _) {
            return LayoutRefusal.CONTRADICTORY;
        }
    }

    private boolean isFreeThreaded() {
        return word(2) != 0;
    }

    private PythonLayout layout() throws ContradictionException {
        Code code = code();
        return new PythonLayout(
                minor,
                threads(),
                new CFrames(NONE, NONE),
                frames(),
                code,
                CodeTag.byVersion(code, counter()),
                objects());
    }

    private Threads threads() throws ContradictionException {
        int thread = groups.thread;
        int current = pointer(thread, 4);
        return new Threads(
                pointer(RUNTIME, 2, LARGEST_STATE),
                pointer(INTERPRETER, 2, LARGEST_STATE),
                pointer(INTERPRETER, 3, LARGEST_STATE),
                pointer(thread, 1),
                pointer(thread, 2),
                pointer(thread, 3),
                pointer(thread, groups.threadId - thread),
                pointer(thread, groups.threadId + 1 - thread),
                current,
                NONE,
                groups.base == NONE ? NONE : pointer(thread, groups.base - thread));
    }

    /** {@code _code_object_generation}, which counts code objects that have died. */
    private int counter() throws ContradictionException {
        return minor < FIRST_WITH_GENERATION ? NONE : pointer(INTERPRETER, 14, LARGEST_STATE);
    }

    private Frames frames() throws ContradictionException {
        int frame = groups.frame;
        return new Frames(
                pointer(frame, 2),
                pointer(frame, 1),
                pointer(frame, 3),
                Instruction.POINTER,
                offset(frame, 5, 1, LARGEST_OBJECT),
                NONE,
                minor < 14 ? 0 : 3,
                3);
    }

    /** Flags, version and constants are not described, but their neighbours are, and are where they have been since 3.12. */
    private Code code() throws ContradictionException {
        int code = groups.code;
        int arguments = offset(code, 6, Integer.BYTES, LARGEST_OBJECT);
        int firstLine = offset(code, 5, Integer.BYTES, LARGEST_OBJECT);
        expect(firstLine == arguments + 16);
        expect(pointer(code, 7) == firstLine + 28 && pointer(code, 8) == firstLine + 36);
        expect(pointer(code, 1) == firstLine + 44 && pointer(code, 2) == firstLine + 52);
        expect(pointer(code, 3) == firstLine + 60 && pointer(code, 4) == firstLine + 68);
        expect(offset(code, 9, 1, LARGEST_OBJECT) > pointer(code, 4));
        return new Code(
                arguments - 4,
                firstLine,
                firstLine + 24,
                pointer(code, 1),
                pointer(code, 2),
                pointer(code, 3),
                pointer(code, 4),
                pointer(code, 9),
                NONE,
                pointer(groups.object, 1) + 2 * Long.BYTES);
    }

    private Objects objects() throws ContradictionException {
        int length = pointer(groups.text, 2);
        int state = offset(groups.text, 1, Integer.BYTES, LARGEST_OBJECT);
        long ascii = word(groups.text + 3);
        expect(state == length + 16 && ascii == state + 8);
        int type = pointer(groups.object, 1);
        expect(type >= Long.BYTES && word(groups.object) == type + 8 && length == type + 8);
        return new Objects(
                type,
                pointer(groups.type, 1),
                length,
                length + 8,
                state,
                (int) ascii,
                (int) ascii + 16,
                pointer(groups.bytes, 1),
                offset(groups.bytes, 2, 1, LARGEST_OBJECT),
                pointer(groups.tuple, 1),
                isFreeThreaded());
    }

    private int pointer(int group, int index) throws ContradictionException {
        return pointer(group, index, LARGEST_OBJECT);
    }

    private int pointer(int group, int index, long largest) throws ContradictionException {
        return offset(group, index, Long.BYTES, largest);
    }

    /** An offset that leads to a field inside of its struct. */
    private int offset(int group, int index, int bytes, long largest) throws ContradictionException {
        long size = word(group);
        long offset = word(group + index);
        expect(size > 0 && size <= largest && offset >= 0 && offset <= size - bytes && offset % bytes == 0);
        return (int) offset;
    }

    private static void expect(boolean holds) throws ContradictionException {
        if (!holds) {
            throw new ContradictionException();
        }
    }

    private long word(int index) {
        return words.getLong(index * Long.BYTES);
    }
}
