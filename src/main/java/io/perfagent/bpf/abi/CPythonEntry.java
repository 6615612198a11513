package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.Arrays;
import java.util.List;

/**
 * {@code struct cpython}: where a process's CPython lies, and how its version lays out what is read of it in a sample's interrupt. Offsets
 * are in bytes.
 *
 * @param interpreters runtime address of the pointer to the first interpreter
 * @param pointerMask a code object's address in a frame, without its tag
 * @param offsets of the fields
 * @param shape how frames tell by which call of the evaluation loop they are run
 * @param instructionIsAddress else a number of 4 bytes
 * @param frameByCframe whether the innermost frame is the one of the innermost CFrame
 * @param shimOwner from this owner on a frame is a shim; 0 before 3.12
 * @param counter of code objects
 * @param gil where the lock is
 */
public record CPythonEntry(
        long interpreters,
        long pointerMask,
        Offsets offsets,
        Shape shape,
        boolean instructionIsAddress,
        boolean frameByCframe,
        int shimOwner,
        CodeCounter counter,
        Lock gil)
        implements RuntimeEntry {
    /**
     * {@code struct cpython_gil}. Offsets are in bytes, from the lock's own address.
     *
     * @param address runtime address of the process's lock; 0 where each interpreter has one
     * @param pointer to the interpreter's, offset in it; 0 as well where no lock is known
     * @param locked of a number of 32 bits
     * @param holder of a thread state's address
     * @param waits from where on it has what threads wait on
     * @param waitsSize bytes of that
     */
    public record Lock(long address, int pointer, int locked, int holder, int waits, int waitsSize) {
        public static final Lock UNKNOWN = new Lock(0, 0, 0, 0, 0, 0);
    }

    /**
     * Where 32 bits are that are others once a code object has been made, or has died.
     *
     * @param address runtime address; 0 where interpreters have them
     * @param inInterpreter offset in one, bytes; 0 as well where none is known
     */
    public record CodeCounter(long address, int inInterpreter) {
        public static final CodeCounter UNKNOWN = new CodeCounter(0, 0);
    }

    /** {@code enum python_shape}. */
    public enum Shape {
        COUNTED,
        CFRAMES,
        ENTRIES,
        SHIMS
    }

    /**
     * A word that tells a code object from another which had its address.
     *
     * @param at from {@link Offsets#tagStart} on
     * @param inside 0, or there is a pointer, and the word is so far into what it points to
     */
    public record TagWord(int at, int inside) {}

    /** In the order of the struct; of what a version lacks, 0. */
    public record Offsets(
            int interpreterNext,
            int interpreterThreads,
            int threadPrevious,
            int threadNext,
            int threadInterpreter,
            int threadId,
            int threadFrame,
            int threadCframe,
            int cframeFrame,
            int cframePrevious,
            int threadSize,
            int frameSize,
            int frameCode,
            int framePrevious,
            int frameInstruction,
            int frameOwner,
            int codeFirstInstruction,
            int codeName,
            int codeFile,
            int codeLines,
            int frameFunction,
            int functionName,
            int functionModule,
            int textData,
            int tagStart,
            int tagSize,
            List<TagWord> tag) {
        public Offsets {
            tag = List.copyOf(tag);
        }

        /** All of them, in bytes. */
        public int[] inOrder() {
            int[] single = {
                interpreterNext,
                interpreterThreads,
                threadPrevious,
                threadNext,
                threadInterpreter,
                threadId,
                threadFrame,
                threadCframe,
                cframeFrame,
                cframePrevious,
                threadSize,
                frameSize,
                frameCode,
                framePrevious,
                frameInstruction,
                frameOwner,
                codeFirstInstruction,
                codeName,
                codeFile,
                codeLines,
                frameFunction,
                functionName,
                functionModule,
                textData,
                tagStart,
                tagSize
            };
            int[] all = Arrays.copyOf(single, single.length + 2 * Limits.TAG_WORDS);
            for (int i = 0; i < tag.size(); i++) {
                all[single.length + i] = tag.get(i).at();
                all[single.length + Limits.TAG_WORDS + i] = tag.get(i).inside();
            }
            return all;
        }
    }

    /** Named as in C. */
    public static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    JAVA_LONG.withName("interpreters"),
                    JAVA_LONG.withName("pointer_mask"),
                    JAVA_SHORT.withName("interpreter_next"),
                    JAVA_SHORT.withName("interpreter_threads"),
                    JAVA_SHORT.withName("thread_previous"),
                    JAVA_SHORT.withName("thread_next"),
                    JAVA_SHORT.withName("thread_interpreter"),
                    JAVA_SHORT.withName("thread_id"),
                    JAVA_SHORT.withName("thread_frame"),
                    JAVA_SHORT.withName("thread_cframe"),
                    JAVA_SHORT.withName("cframe_frame"),
                    JAVA_SHORT.withName("cframe_previous"),
                    JAVA_SHORT.withName("thread_size"),
                    JAVA_SHORT.withName("frame_size"),
                    JAVA_SHORT.withName("frame_code"),
                    JAVA_SHORT.withName("frame_previous"),
                    JAVA_SHORT.withName("frame_instruction"),
                    JAVA_SHORT.withName("frame_owner"),
                    JAVA_SHORT.withName("code_first_instruction"),
                    JAVA_SHORT.withName("code_name"),
                    JAVA_SHORT.withName("code_file"),
                    JAVA_SHORT.withName("code_lines"),
                    JAVA_SHORT.withName("frame_function"),
                    JAVA_SHORT.withName("function_name"),
                    JAVA_SHORT.withName("function_module"),
                    JAVA_SHORT.withName("text_data"),
                    JAVA_SHORT.withName("tag_start"),
                    JAVA_SHORT.withName("tag_size"),
                    MemoryLayout.sequenceLayout(Limits.TAG_WORDS, JAVA_SHORT).withName("tag_words"),
                    MemoryLayout.sequenceLayout(Limits.TAG_WORDS, JAVA_SHORT).withName("tag_inside"),
                    JAVA_BYTE.withName("shape"),
                    JAVA_BYTE.withName("instruction_is_address"),
                    JAVA_BYTE.withName("frame_by_cframe"),
                    JAVA_BYTE.withName("shim_owner"),
                    JAVA_BYTE.withName("tag_count"),
                    MemoryLayout.sequenceLayout(3, JAVA_BYTE).withName("reserved"),
                    JAVA_LONG.withName("code_counter"),
                    JAVA_INT.withName("interpreter_codes"),
                    JAVA_INT.withName("reserved_2"),
                    MemoryLayout.structLayout(
                                    JAVA_LONG.withName("address"),
                                    JAVA_INT.withName("pointer"),
                                    JAVA_INT.withName("locked"),
                                    JAVA_INT.withName("holder"),
                                    JAVA_INT.withName("waits"),
                                    JAVA_INT.withName("waits_size"),
                                    JAVA_INT.withName("reserved"))
                            .withName("gil"))
            .withName("cpython");

    private static final long INTERPRETERS = offset("interpreters");
    private static final long POINTER_MASK = offset("pointer_mask");
    private static final long FIRST_OFFSET = offset("interpreter_next");
    private static final long SHAPE = offset("shape");
    private static final long CODE_COUNTER = offset("code_counter");
    private static final long GIL = offset("gil");

    @Override
    public StructLayout layout() {
        return LAYOUT;
    }

    @Override
    public void write(MemorySegment words, long at) {
        MemorySegment to = words.asSlice(at * 4, LAYOUT.byteSize()).fill((byte) 0);
        to.set(JAVA_LONG, INTERPRETERS, interpreters);
        to.set(JAVA_LONG, POINTER_MASK, pointerMask);
        long field = FIRST_OFFSET;
        for (int offset : offsets.inOrder()) {
            to.set(JAVA_SHORT, field, (short) offset);
            field += Short.BYTES;
        }
        to.set(JAVA_BYTE, SHAPE, (byte) shape.ordinal());
        to.set(JAVA_BYTE, SHAPE + 1, (byte) (instructionIsAddress ? 1 : 0));
        to.set(JAVA_BYTE, SHAPE + 2, (byte) (frameByCframe ? 1 : 0));
        to.set(JAVA_BYTE, SHAPE + 3, (byte) shimOwner);
        to.set(JAVA_BYTE, SHAPE + 4, (byte) offsets.tag().size());
        to.set(JAVA_LONG, CODE_COUNTER, counter.address);
        to.set(JAVA_INT, CODE_COUNTER + Long.BYTES, counter.inInterpreter);
        to.set(JAVA_LONG, GIL, gil.address);
        long number = GIL + Long.BYTES;
        for (int value : new int[] {gil.pointer, gil.locked, gil.holder, gil.waits, gil.waitsSize}) {
            to.set(JAVA_INT, number, value);
            number += Integer.BYTES;
        }
    }

    private static long offset(String field) {
        return LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }
}
