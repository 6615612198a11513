package io.perfagent.unwind;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.elf.ElfFile;
import io.perfagent.model.WalkEnd;
import io.perfagent.rewalk.x86_64.RowDecoder;
import io.perfagent.testing.Tool;
import io.perfagent.unwind.table.InterpreterFrame.Tracing;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.UnwindTable;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.SavedRegister;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where the interpreter of the machine's LuaJIT goes into traces and comes back, as objdump shows it: its frame has 80 bytes. */
class LuaJitCodeTest {
    private static final Path LUAJIT = Path.of("/usr/bin/luajit");
    private static final SavedRegister UNCHANGED = new SavedRegister.Unchanged();
    private static final UnwindRule INTERPRETER = rule(new CfaRule.Shared(80));
    private static final UnwindRule BELOW_TRACES = rule(new CfaRule.RegisterOffset(Registers.RSP, 96));
    private static final UnwindRule NONE = new UnwindRule.Stop(WalkEnd.UNSUPPORTED_RULE);
    private static final int RCX = 2;

    private final RuleDictionary dictionary = new RuleDictionary(4096);
    private List<String> code = List.of();
    private UnwindTable table;

    @BeforeEach
    void read() throws Exception {
        code = Tool.output("objdump", "-d", "--no-show-raw-insn", LUAJIT.toString())
                .lines()
                .toList();
        try (ElfFile file = ElfFile.open(LUAJIT)) {
            table = TableCompiler.compile(file, dictionary);
        }
    }

    @Test
    void intoTraces() {
        int jump = line("mov +%r13,0x8\\(%rsp\\)", "jmp +\\*%rax", 0) + 1;
        assertThat(at(jump - 3)).isEqualTo(INTERPRETER);
        assertThat(at(jump - 2)).isEqualTo(BELOW_TRACES);
        assertThat(at(jump)).isEqualTo(BELOW_TRACES);
        assertThat(at(jump + 1)).isEqualTo(INTERPRETER);
        int list = Integer.decode(code.get(jump - 9).replaceAll(".* (-?0x[0-9a-f]+)\\(%r14\\),%rcx", "$1"));
        int machineCode = Integer.decode(code.get(jump - 7).replaceAll(".* (0x[0-9a-f]+)\\(%rax\\),%rax", "$1"));
        assertThat(table.interpreter())
                .isInstanceOfSatisfying(
                        Tracing.class,
                        frame -> assertThat(frame).isEqualTo(new Tracing(frame.row(), 16, list, machineCode)));
    }

    @Test
    void outOfTraces() {
        int exit = line("push +%r13", "push +%r12", line("push +%rbp", "lea +0x58\\(%rsp\\),%rbp", 0) - 10);
        assertThat(at(exit - 1)).isEqualTo(INTERPRETER);
        assertThat(at(exit)).isEqualTo(NONE);
        int loaded = line("mov +-0x[0-9a-f]+\\(%r14\\),%rbp", "mov +-0x[0-9a-f]+\\(%r14\\),%rdx", exit);
        assertThat(at(loaded)).isEqualTo(NONE);
        UnwindRule byState = rule(new CfaRule.Dereference(Registers.RBP, 0x50, 80));
        assertThat(at(loaded + 1)).isEqualTo(byState);
        int called = line("call .*", "mov +0x50\\(%rbp\\),%rcx", loaded);
        assertThat(at(called)).isEqualTo(byState);
        int direct = line("lea +0x10\\(%rsp\\),%rcx", "mov +-0x8\\(%rcx\\),%r13", called);
        assertThat(at(direct - 1)).isEqualTo(byState);
        assertThat(at(direct)).isEqualTo(BELOW_TRACES);
        assertThat(at(direct + 1)).isEqualTo(rule(new CfaRule.RegisterOffset(RCX, 80)));
        assertThat(at(direct + 3)).isEqualTo(rule(new CfaRule.RegisterOffset(RCX, 80)));
        assertThat(at(direct + 4)).isEqualTo(INTERPRETER);
    }

    /** Saved registers do not count: they are where the interpreter has them; derived rules are checked, and those of the file are not. */
    private static UnwindRule rule(CfaRule cfa) {
        return new UnwindRule.Frame(cfa, UNCHANGED, UNCHANGED, -8, !(cfa instanceof CfaRule.Shared));
    }

    private UnwindRule at(int line) {
        long address = Long.parseLong(code.get(line).strip().split(":", 2)[0], 16);
        UnwindRule rule = new RowDecoder(dictionary).decode(table.row(address));
        return rule instanceof UnwindRule.Frame frame
                ? new UnwindRule.Frame(frame.cfa(), UNCHANGED, UNCHANGED, frame.returnAddress(), frame.checked())
                : rule;
    }

    private int line(String first, String second, int from) {
        for (int i = from; i < code.size() - 1; i++) {
            if (is(code.get(i), first) && is(code.get(i + 1), second)) {
                return i;
            }
        }
        throw new AssertionError("no " + first + "; " + second);
    }

    private static boolean is(String line, String instruction) {
        return Pattern.matches("\\s*[0-9a-f]+:\\s+" + instruction, line);
    }
}
