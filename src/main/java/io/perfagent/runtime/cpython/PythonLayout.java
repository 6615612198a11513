package io.perfagent.runtime.cpython;

import io.perfagent.model.CodeMemory;
import java.nio.ByteBuffer;

/**
 * Where the fields of an interpreter's objects are: offsets in bytes on a 64-bit machine, {@link #NONE} where the version has no such
 * field. How one comes from {@code _PyRuntime} to the lines that run:
 *
 * <pre>
 *   _PyRuntime ─▶ interpreter ─▶ interpreter …
 *                     └─▶ thread state ─▶ thread state …
 *                             └─▶ [CFrame, on the stack ─▶] frame ─▶ frame that called it …
 *                                                             └─▶ code object ─▶ str, str, bytes
 * </pre>
 *
 * @param minor 13 of 3.13
 */
public record PythonLayout(
        int minor, Threads threads, CFrames cframes, Frames frames, Code code, CodeTag tag, Objects objects)
        implements LayoutResult {
    /** There is no such field. */
    public static final int NONE = -1;

    /**
     * Lists of interpreters and of threads.
     *
     * @param firstInterpreter in {@code _PyRuntime}; of 3.6, which has none, in the variable {@code interp_head}
     * @param nextInterpreter in an interpreter
     * @param firstThread in an interpreter
     * @param previous in a thread state, as all that follow
     * @param interpreter that it belongs to
     * @param id what {@code pthread_self()} says in the thread
     * @param nativeId what gettid(2) says there, in the innermost PID namespace; 3.11 and later
     * @param top the innermost frame up to 3.10 and from 3.13 on, the CFrame that holds it in between
     * @param cframe the CFrame of 3.10 to 3.12
     * @param base the frame that ends every chain; 3.15
     */
    public record Threads(
            int firstInterpreter,
            int nextInterpreter,
            int firstThread,
            int previous,
            int next,
            int interpreter,
            int id,
            int nativeId,
            int top,
            int cframe,
            int base) {}

    /**
     * What the evaluation function of 3.10 to 3.12 has on the stack, one per call of it.
     *
     * @param current the innermost frame that this call runs; not in 3.10
     * @param previous the CFrame of the call below
     */
    public record CFrames(int current, int previous) {}

    /**
     * Frames: {@code PyFrameObject} up to 3.10, {@code _PyInterpreterFrame} later.
     *
     * @param code pointer to the code object, with tag bits
     * @param previous the frame that called this one
     * @param instruction see {@link Instruction}
     * @param owner one byte: whose memory the frame is; 3.11 and later
     * @param entry one byte: whether it is the first frame of a call of the evaluation function; 3.11
     * @param tagBits of {@code code} that are not part of the address
     * @param shimOwner from which {@code owner} on a frame is no function's, but stands for a call of the evaluation function; 3.12 and later
     */
    public record Frames(
            int code,
            int previous,
            int instruction,
            Instruction kind,
            int owner,
            int entry,
            int tagBits,
            int shimOwner) {}

    /** What a frame says of the instruction that it executes. */
    public enum Instruction {
        /** A 32-bit number of bytes from the first instruction; −1 before that. */
        BYTES,
        /** A 32-bit number of units of two bytes. */
        UNITS,
        /** The address of the instruction, or of the unit before the first. */
        POINTER
    }

    /**
     * Code objects.
     *
     * @param flags 32 bits, as first line and version
     * @param version a number that no other code object of the interpreter has, unless it is 0; 3.12 and later
     * @param qualifiedName 3.11 and later
     * @param firstInstruction where the instructions are in the object itself; 3.11 and later
     * @param instructions pointer to a {@code bytes} that has them; up to 3.10
     * @param constants pointer to a {@code tuple}; 3.11 and later
     */
    public record Code(
            int flags,
            int firstLine,
            int version,
            int file,
            int name,
            int qualifiedName,
            int lines,
            int firstInstruction,
            int instructions,
            int constants) {
        /** How many bytes hold all fields that are read but the instructions. */
        int headBytes() {
            return lines + Long.BYTES;
        }
    }

    /**
     * What all objects begin with, and objects that code refers to.
     *
     * @param type of an object
     * @param typeName of a type: pointer to its name
     * @param textState of a {@code str}: kind in bits 2 to 4, compact is bit 5, ASCII bit 6
     * @param textHash 64 bits; −1 as long as nobody has asked for it
     * @param asciiData where compact ASCII text begins; the first of characters of 8 bits
     * @param wideData where all other compact text begins
     * @param tupleItems where the pointers of a {@code tuple} begin; its size is where that of {@code bytes} is
     * @param twoCounts whether an object's thread has a number of references of its own, in front of that of all others
     */
    public record Objects(
            int type,
            int typeName,
            int textLength,
            int textHash,
            int textState,
            int asciiData,
            int wideData,
            int bytesSize,
            int bytesData,
            int tupleItems,
            boolean twoCounts) {
        private static final int MERGED_BITS = 2;

        /** Of an object: in front of its type, behind the links of a build that keeps a list of all objects. */
        int references() {
            return type - Long.BYTES;
        }

        /**
         * Whether an object has references. The allocator puts a pointer, or 0, into what has been freed. From 3.12 on the number has 32
         * bits, and from 3.14 on there are flags above bit 48. Of two counts, the second one has two bits of flags.
         */
        boolean isAlive(ByteBuffer object) {
            long count = object.getLong(references());
            return twoCounts
                    ? object.getInt(references() - Integer.BYTES) != 0 || count >> MERGED_BITS != 0
                    : (int) count != 0 && (short) (count >>> 32) == 0;
        }
    }

    /**
     * The layout of an interpreter.
     *
     * @param minor 13 of 3.13
     * @param runtime address of {@code _PyRuntime}; it is read from 3.13 on, which describe themselves there
     */
    public static LayoutResult of(int minor, long runtime, CodeMemory memory) {
        return minor < 13 ? FixedLayouts.of(minor) : DebugOffsets.read(minor, runtime, memory);
    }

    /**
     * How many bytes an instruction is behind the first of its code object: negative before the first, {@code Integer.MAX_VALUE} where it
     * cannot belong to this code object.
     *
     * @param instruction the number in the frame; of an address, bytes from the first instruction
     */
    public int offset(int instruction) {
        return switch (frames.kind()) {
            case BYTES -> instruction;
            case UNITS -> Math.clamp(instruction * 2L, -1, Integer.MAX_VALUE);
            case POINTER -> instruction < -2 ? Integer.MAX_VALUE : instruction;
        };
    }

    /** How lines are written down. */
    LineTable.Format lineFormat() {
        return switch (frames.kind()) {
            case BYTES -> LineTable.Format.INCREMENTS;
            case UNITS -> LineTable.Format.PAIRS;
            case POINTER -> LineTable.Format.LOCATIONS;
        };
    }
}
