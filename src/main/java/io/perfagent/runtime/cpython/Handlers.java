package io.perfagent.runtime.cpython;

import io.perfagent.model.CodeMemory;
import io.perfagent.model.Mapping;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The handlers of an interpreter that was built with tail calls ({@code --with-tail-call-interp}): a function for each opcode, and those that
 * errors are left to. The evaluation function calls one of them, which jumps to the next. No symbol says where they are, but a table of all
 * opcodes does that the evaluation function calls through:
 *
 * <pre>
 *   ff 14 c5 TABLE                   call *TABLE(,%rax,8)                           of a program at a fixed address
 *   48 8d 0d DISTANCE … ff 14 c1     lea TABLE(%rip),%rcx … call *(%rcx,%rax,8)     of any other
 *   e8 DISTANCE                      call HANDLER                                   of what is called most, or where an error is thrown
 * </pre>
 *
 * <p>Other builds call through tables, too, but smaller ones: those of operators.
 *
 * @param table its address
 * @param functions addresses of handlers
 */
record Handlers(long table, Set<Long> functions) {
    /** Of an interpreter that has none. */
    static final Handlers NONE = new Handlers(0, Set.of());

    private static final int OPCODES = 256;
    /** The evaluation function does little itself; of other builds it has tens of thousands. */
    private static final int MOST_BYTES = 4096;

    /** The evaluation function of a build with tail calls has one; who has more is not looked through on and on. */
    private static final int MOST_TABLES = 16;

    /** Looked at before the address that a call returns to. */
    private static final int WINDOW = 40;

    /**
     * Those of a process.
     *
     * @param evaluation parts of the evaluation function
     * @param code mappings of the process
     */
    static Handlers of(List<CodeRange> evaluation, CodeMemory memory, List<Mapping> code) {
        int tables = 0;
        for (CodeRange part : evaluation) {
            long size = part.end() - part.start();
            ByteBuffer bytes = size > MOST_BYTES ? null : read(memory, part.start(), (int) size);
            for (int end = 1; bytes != null && end < size && tables < MOST_TABLES; end++) {
                long table = CallSite.table(bytes, end, part.start());
                tables += table == 0 ? 0 : 1;
                Set<Long> functions = table == 0 ? new HashSet<>() : functions(memory, table, code);
                if (!functions.isEmpty()) {
                    functions.addAll(CallSite.calledLikewise(bytes, end, part.start()));
                    return new Handlers(table, functions);
                }
            }
        }
        return NONE;
    }

    /** Empty where not all of the table's words are addresses of code. */
    private static Set<Long> functions(CodeMemory memory, long table, List<Mapping> code) {
        ByteBuffer words = read(memory, table, OPCODES * Long.BYTES);
        Set<Long> functions = new HashSet<>();
        while (words != null && words.hasRemaining()) {
            long function = words.getLong();
            if (code.stream().noneMatch(mapping -> mapping.contains(function))) {
                functions.clear();
                return functions;
            }
            functions.add(function);
        }
        return functions;
    }

    /** Whether the call that returns to an address calls one of them. */
    boolean areCalledBefore(long address, CodeMemory memory) {
        ByteBuffer before = read(memory, address - WINDOW, WINDOW);
        return before != null
                && (CallSite.table(before, WINDOW, address - WINDOW) == table
                        || functions.contains(CallSite.callee(before, WINDOW, address - WINDOW)));
    }

    /** Null where it cannot be read. */
    private static @Nullable ByteBuffer read(CodeMemory memory, long address, int size) {
        byte[] bytes = new byte[size];
        return memory.read(address, bytes, 0, size) ? ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN) : null;
    }
}
