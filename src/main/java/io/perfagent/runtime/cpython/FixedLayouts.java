package io.perfagent.runtime.cpython;

import static io.perfagent.runtime.cpython.PythonLayout.NONE;

import io.perfagent.runtime.cpython.CodeTag.Word;
import io.perfagent.runtime.cpython.PythonLayout.CFrames;
import io.perfagent.runtime.cpython.PythonLayout.Code;
import io.perfagent.runtime.cpython.PythonLayout.Frames;
import io.perfagent.runtime.cpython.PythonLayout.Instruction;
import io.perfagent.runtime.cpython.PythonLayout.Objects;
import io.perfagent.runtime.cpython.PythonLayout.Threads;
import java.util.List;

/**
 * Layouts of 3.6 to 3.12, which do not describe themselves: from their headers, of builds without {@code Py_TRACE_REFS}. These structs are
 * part of the ABI, or were not changed after the first release of a minor version.
 */
final class FixedLayouts {
    private static final CFrames NO_CFRAMES = new CFrames(NONE, NONE);
    private static final Objects OBJECTS = new Objects(8, 24, 16, 24, 32, 48, 72, 16, 32, 24, false);
    /** Without {@code wstr}, its length, and {@code wstr_length}. */
    private static final Objects OBJECTS_3_12 = new Objects(8, 24, 16, 24, 32, 40, 56, 16, 32, 24, false);

    /** {@code ceval.gil} of an interpreter; {@code struct _gil_runtime_state}. */
    static final Gil GIL_3_12 = new Gil.OfInterpreters(384, Gil.LOCKED, Gil.HOLDER);

    private FixedLayouts() {}

    static LayoutResult of(int minor) {
        return switch (minor) {
            case 6 -> old(6, 0, 152, 120, new Code(32, 36, NONE, 96, 104, NONE, 112, NONE, 40, NONE));
            case 7 -> old(7, 24, 176, 104, new Code(32, 36, NONE, 96, 104, NONE, 112, NONE, 40, NONE));
            case 8, 9 -> old(minor, 32, 176, 104, new Code(36, 40, NONE, 104, 112, NONE, 120, NONE, 48, NONE));
            case 10 -> python310();
            case 11 -> python311();
            case 12 -> python312();
            default -> LayoutRefusal.UNKNOWN_VERSION;
        };
    }

    private static PythonLayout old(int minor, int firstInterpreter, int threadId, int lastInstruction, Code code) {
        return new PythonLayout(
                minor,
                new Threads(firstInterpreter, 0, 8, 0, 8, 16, threadId, NONE, 24, NONE, NONE),
                NO_CFRAMES,
                new Frames(32, 24, lastInstruction, Instruction.BYTES, NONE, NONE, 0, NONE),
                code,
                contents(code),
                OBJECTS);
    }

    private static PythonLayout python310() {
        Code code = new Code(36, 40, NONE, 104, 112, NONE, 120, NONE, 48, NONE);
        return new PythonLayout(
                10,
                new Threads(32, 0, 8, 0, 8, 16, 176, NONE, 24, 48, NONE),
                new CFrames(NONE, 8),
                new Frames(32, 24, 96, Instruction.UNITS, NONE, NONE, 0, NONE),
                code,
                contents(code),
                OBJECTS);
    }

    private static PythonLayout python311() {
        Code code = new Code(48, 72, NONE, 112, 120, 128, 136, 184, NONE, 24);
        return new PythonLayout(
                11,
                new Threads(40, 0, 16, 0, 8, 16, 152, 160, 56, 56, NONE),
                new CFrames(8, 16),
                new Frames(32, 48, 56, Instruction.POINTER, 69, 68, 0, NONE),
                code,
                contents(code),
                OBJECTS);
    }

    private static PythonLayout python312() {
        Code code = new Code(48, 68, 92, 112, 120, 128, 136, 192, NONE, 24);
        return new PythonLayout(
                12,
                new Threads(40, 0, 72, 0, 8, 16, 136, 144, 56, 56, NONE),
                new CFrames(0, 8),
                new Frames(0, 8, 56, Instruction.POINTER, 70, NONE, 0, 3),
                code,
                CodeTag.byVersion(code, NONE),
                OBJECTS_3_12);
    }

    /**
     * Without a version, code is told apart by what it is made of: first line, the name's hash, how the table of lines begins, where the
     * file's name is and how it begins. Qualified names mostly have no hash.
     */
    private static CodeTag contents(Code code) {
        return new CodeTag(
                List.of(
                        new Word(code.firstLine() & -Long.BYTES, NONE),
                        new Word(code.name(), OBJECTS.textHash()),
                        new Word(code.lines(), OBJECTS.bytesData()),
                        new Word(code.file(), NONE),
                        new Word(code.file(), OBJECTS.asciiData())),
                NONE);
    }
}
