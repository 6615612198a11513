package io.perfagent.unwind;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.SymbolSearch;
import io.perfagent.unwind.table.InterpreterFrame;
import io.perfagent.unwind.table.TableBuilder;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.RowEncoder;
import io.perfagent.unwind.x86_64.Snippet;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The part of LuaJIT's interpreter that goes into traces and comes back. Its call-frame information says the same of all of the interpreter,
 * which is not so there: two registers more are saved below the frame, and a trace has a place of its own for variables below these, whose
 * size only its own description says.
 *
 * <pre>
 *   JLOOP     … sub $16,%rsp; mov %r12,16(%rsp); mov %r13,8(%rsp); jmp *%rax              CFA = rsp + frame + 16
 *   exit      push of all registers, and of rsp as it was in the trace                    unknown
 *             … rbp = L: the frame is at L->cframe                                        CFA = [rbp + cframe] + frame
 *   interp    lea 16(%rsp),%rcx                                                           CFA = rsp + frame + 16
 *             mov -8(%rcx),%r13; mov (%rcx),%r12; mov %rcx,%rsp                           CFA = rcx + frame
 * </pre>
 *
 * LuaJIT 2.1 for x86-64 with GC64: vm_x64.dasc, lj_asm_x86.h.
 */
final class LuaJitCode {
    /** Programs export the interpreter's functions too: modules need them. */
    private static final String FUNCTION = "lua_pcall";
    /** The interpreter has 45 KiB. */
    private static final long LEAST_BYTES = 1 << 14;

    private static final long MOST_BYTES = 1 << 18;
    private static final int EXIT_BYTES = 320;
    private static final int EXTRA_BYTES = 16;
    private static final int RCX = 2;

    private static final Snippet JLOOP = code("49 8b 8e ?? ?? ?? ?? 48 8b 04 c1 48 8b 40 ?? 48 8b 6c 24 10"
            + " ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ??"
            + " 48 83 ec 10 4c 89 64 24 10 4c 89 6c 24 08 ff e0");
    private static final int LIST = 3;
    private static final int MACHINE_CODE = 14;
    private static final int BEHIND_SUB = 38;
    private static final int JLOOP_END = 50;

    private static final Snippet EXIT =
            code("41 55 41 54 41 53 41 52 41 51 41 50 57 56 55 48 8d 6c 24 58 55 53 52 51 50");
    private static final Snippet LOAD_L = code("49 8b ae ?? ?? ?? ??");
    private static final Snippet BEHIND_CALL = code("48 8b 4d ?? 48 83 e1 fc");
    private static final Snippet INTERP = code("48 8d 4c 24 10 4c 8b 69 f8 4c 8b 21 48 89 cc");
    private static final int CFRAME = 3;
    private static final int BEHIND_LEA = 5;
    private static final int INTERP_END = 15;

    private final byte[] code;
    private final long start;
    private final UnwindRule.Frame frame;
    private final RowEncoder rules;

    private LuaJitCode(byte[] code, long start, UnwindRule.Frame frame, RowEncoder rules) {
        this.code = code;
        this.start = start;
        this.frame = frame;
        this.rules = rules;
    }

    /** Whether a file may hold it. */
    static boolean mayBeIn(ElfFile file) throws IOException {
        return SymbolSearch.findExported(file, FUNCTION) != null;
    }

    /**
     * Writes the rows of what is not as the rest of the code between two addresses is, of which one rule has been written.
     *
     * @return whether it is there
     */
    static boolean write(ElfFile file, long start, long end, TableBuilder table, RowEncoder rules) throws IOException {
        UnwindRule.Frame frame =
                end - start < LEAST_BYTES || end - start > MOST_BYTES ? null : rules.shared(table.inForce());
        if (frame == null) {
            return false;
        }
        ByteBuffer bytes = file.readAddress(start, end - start);
        byte[] code = new byte[bytes.remaining()];
        bytes.get(code);
        return new LuaJitCode(code, start, frame, rules).write(table);
    }

    private boolean write(TableBuilder table) {
        int loop = find(JLOOP, 0, code.length);
        int exit = find(EXIT, 0, code.length);
        int end = exit + EXIT_BYTES;
        int loaded = exit < 0 ? -1 : find(LOAD_L, exit, end);
        int called = loaded < 0 ? -1 : find(BEHIND_CALL, loaded, end);
        int interp = called < 0 ? -1 : find(INTERP, called, end);
        if (loop < 0 || interp < 0 || (exit < loop + JLOOP_END && loop < interp + INTERP_END)) {
            return false;
        }
        int row = table.inForce();
        table.runsIn(new InterpreterFrame.Tracing(row, EXTRA_BYTES, word(loop + LIST), code[loop + MACHINE_CODE]));
        if (loop < exit) {
            loop(loop, row, table);
        }
        boolean _ = table.noRule(start + exit);
        put(
                loaded + LOAD_L.behind().length,
                new CfaRule.Dereference(Registers.RBP, code[called + CFRAME], size()),
                table);
        put(interp, new CfaRule.RegisterOffset(Registers.RSP, size() + EXTRA_BYTES), table);
        put(interp + BEHIND_LEA, new CfaRule.RegisterOffset(RCX, size()), table);
        table.gap(start + interp + INTERP_END, row);
        if (loop > exit) {
            loop(loop, row, table);
        }
        return true;
    }

    private void loop(int loop, int row, TableBuilder table) {
        put(loop + BEHIND_SUB, new CfaRule.RegisterOffset(Registers.RSP, size() + EXTRA_BYTES), table);
        table.gap(start + loop + JLOOP_END, row);
    }

    private void put(int at, CfaRule cfa, TableBuilder table) {
        table.gap(start + at, rules.derived(frame.with(cfa)));
    }

    private int size() {
        return frame.cfa().offset();
    }

    private int word(int at) {
        return ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
    }

    private int find(Snippet snippet, int from, int to) {
        int last = Math.min(to, code.length) - snippet.behind().length;
        for (int at = from; at <= last; at++) {
            if (snippet.matches(code, at)) {
                return at;
            }
        }
        return -1;
    }

    private static Snippet code(String bytes) {
        return Snippet.of("", bytes, 0);
    }
}
