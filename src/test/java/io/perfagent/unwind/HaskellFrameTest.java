package io.perfagent.unwind;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Symbol;
import io.perfagent.elf.SymbolSearch;
import io.perfagent.rewalk.x86_64.RowDecoder;
import io.perfagent.testing.Tool;
import io.perfagent.unwind.table.InterpreterFrame;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.UnwindTable;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.SavedRegister;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Code as GHC's code generator leaves it, before and behind StgRun with the call-frame information that it has in GHC 9. */
class HaskellFrameTest {
    /** {@code StgRun}'s frame, with an expression for its caller's rsp. */
    private static final String EXPRESSION = ".cfi_escape 0x16, 7, 4, 0x77, 0xb8, 0x80, 1";

    private static final String SOURCE = """
            .text
            .skip 16, 0x90
            before: sub $8, %rsp
            behind_sub: call *%rax
            add $8, %rsp
            mov %rbx, 8(%rax)
            jmp *(%rbp)
            .balign 16
            .type StgRun, @function
            .globl StgRun
            StgRun: .cfi_startproc
            sub $48, %rsp
            mov %rsp, %rax
            sub $16384, %rsp
            mov %rbx, (%rax)
            mov %rbp, 8(%rax)
            .cfi_def_cfa rsp, 0
            .cfi_offset rbx, 16384
            .cfi_offset rbp, 16392
            .cfi_offset rip, 16432
            EXPRESSION
            mov %rdi, %rax
            jump: jmp *%rax
            .cfi_endproc
            .balign 16, 0x90
            .skip 16, 0x90
            after: jmp *%rax
            .globl _start
            .skip 16, 0x90
            _start: hlt
            """;

    @TempDir
    private Path directory;

    private final RuleDictionary dictionary = new RuleDictionary(100);

    @Test
    void itsCodeRunsInTheFrameThatStgRunMakes() throws Exception {
        try (ElfFile file = build(EXPRESSION)) {
            UnwindTable table = TableCompiler.compile(file, dictionary);
            assertThat(table.interpreter()).isEqualTo(new InterpreterFrame.Entered(16440));
            assertThat(rule(file, table, "before")).isEqualTo(frame(16440).derived());
            assertThat(rule(file, table, "behind_sub")).isEqualTo(frame(16448).derived());
            assertThat(rule(file, table, "jump")).isEqualTo(frame(16440));
            assertThat(rule(file, table, "after")).isEqualTo(frame(16440).derived());
        }
    }

    /** Of the same code nothing is known where nobody says what StgRun does. */
    @Test
    void withoutTheExpressionThereIsNone() throws Exception {
        try (ElfFile file = build("")) {
            UnwindTable table = TableCompiler.compile(file, dictionary);
            assertThat(table.interpreter()).isEqualTo(InterpreterFrame.UNKNOWN);
            assertThat(rule(file, table, "before")).isInstanceOf(UnwindRule.Stop.class);
            assertThat(rule(file, table, "after")).isInstanceOf(UnwindRule.Stop.class);
        }
    }

    private ElfFile build(String expression) throws Exception {
        Files.writeString(directory.resolve("program.s"), SOURCE.replace("EXPRESSION", expression));
        Tool.output(List.of("gcc", "-nostdlib", "-static", "-o", "program", "program.s"), directory);
        return ElfFile.open(directory.resolve("program"));
    }

    private UnwindRule rule(ElfFile file, UnwindTable table, String label) throws Exception {
        Symbol symbol = Objects.requireNonNull(SymbolSearch.find(file, label), label);
        return new RowDecoder(dictionary).decode(table.row(symbol.address()));
    }

    private static UnwindRule.Frame frame(int bytes) {
        return new UnwindRule.Frame(
                new CfaRule.RegisterOffset(Registers.RSP, bytes),
                new SavedRegister.AtCfa(-48),
                new SavedRegister.AtCfa(-56),
                -8);
    }
}
