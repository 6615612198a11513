package io.perfagent.unwind;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Symbol;
import io.perfagent.elf.SymbolSearch;
import io.perfagent.unwind.table.UnwindTable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * How PHP's interpreter goes from one handler to the next: where GCC has compiled it, by {@code jmp *(%r15)} within {@code execute_ex}. Code of
 * the compiler is entered and left by the same jump, so that it runs in the frame of that function (ZEND_VM_KIND_HYBRID in zend_vm_opcodes.h).
 */
final class PhpDispatch {
    private static final String INTERPRETER = "execute_ex";
    private static final long MOST_BYTES = 1 << 20;
    /** There is one for each of some thousand handlers; a call for each function is how other compilers do it. */
    private static final int LEAST = 100;

    private static final int JUMP = 0x27ff41;
    private static final int JUMP_MASK = 0xffffff;

    private PhpDispatch() {}

    /** The rule that holds at all of these jumps; 0 where there is none. */
    static int row(ElfFile file, UnwindTable table) throws IOException {
        Symbol function = SymbolSearch.findExported(file, INTERPRETER);
        return function == null || function.size() > MOST_BYTES
                ? 0
                : row(file.readAddress(function.address(), function.size()), function.address(), table);
    }

    private static int row(ByteBuffer code, long address, UnwindTable table) {
        int row = 0;
        int count = 0;
        for (int at = 0; at + Integer.BYTES <= code.limit(); at++) {
            if ((code.getInt(at) & JUMP_MASK) == JUMP) {
                int here = UnwindRow.ruleOf(table.row(address + at));
                row = count == 0 ? here : row;
                count++;
                if (here != row) {
                    return 0;
                }
            }
        }
        return count >= LEAST ? row : 0;
    }
}
