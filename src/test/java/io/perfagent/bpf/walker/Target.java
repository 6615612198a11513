package io.perfagent.bpf.walker;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.CodeMapping;
import io.perfagent.bpf.abi.Limits;
import io.perfagent.bpf.abi.ProcessEntry;
import io.perfagent.bpf.abi.RuleLayout;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.Sample;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.EncodedRule;
import io.perfagent.unwind.RuleDictionary;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A made-up process with one binary: its rules are given by address, its stack and code as words and bytes.
 *
 * <pre>
 *   CODE, 1 MiB: mapping with a table        STACK: words        slab 0 dictionary │ 1 table │ 2 mappings
 * </pre>
 */
public final class Target {
    /** Start of the binary's mapping. */
    public static final long CODE = 0x5555_5540_0000L;

    public static final long CODE_END = CODE + 0x10_0000;
    /** Where most stacks begin: the first word of a page. */
    public static final long STACK = 0x7ffd_1000_0000L;
    /** Memory of no file. */
    public static final long ANONYMOUS = 0x7f00_0000_0000L;

    /** What ends a stack, as `_start` has it. */
    public static final int LAST_FRAME = UnwindRow.stop(WalkEnd.END_OF_STACK);

    private static final long BIAS = CODE - 0x7000; // the binary's code has the ELF address 0x7000
    private static final int TABLE = Limits.SLAB_WORDS;
    private static final int MAPPINGS = 2 * Limits.SLAB_WORDS;
    private static final int MAPPING_WORDS = (int) CodeMapping.LAYOUT.byteSize() / 4;

    private final HostWalker walker;
    private final UserMemory memory = new UserMemory();
    private final CpuRegisters registers = new CpuRegisters();
    private final RuleDictionary dictionary = new RuleDictionary(1000);
    private final TreeMap<Long, Integer> rules = new TreeMap<>();
    private final List<CodeMapping> others = new ArrayList<>();
    private UnwindMode mode = UnwindMode.AUTO;
    private int generation = 1;

    /** The walker forgets the target before. */
    public Target(HostWalker walker) {
        this.walker = walker;
        walker.reset(memory);
    }

    /** From a runtime address on, a rule of {@link UnwindRow} holds. */
    public Target rule(long address, int rule) {
        rules.put(address - BIAS, rule);
        return this;
    }

    /** The same with a rule of the dictionary. */
    public Target rule(long address, EncodedRule rule) {
        return rule(address, UnwindRow.rule(UnwindRow.ROW_RULE, dictionary.indexOf(rule)));
    }

    /** Code of a file without table. */
    public Target mappingWithoutTable(long start, long end) {
        others.add(new CodeMapping(start, end, 0, 0, 0, 0, WalkEnd.NO_TABLE));
        return this;
    }

    public Target words(long address, long... values) {
        memory.words(address, values);
        return this;
    }

    public Target bytes(long address, int... values) {
        memory.bytes(address, values);
        return this;
    }

    /** Writes code as a disassembler shows it. */
    public Target code(long address, String hex) {
        memory.bytes(address, HexFormat.of().parseHex(hex));
        return this;
    }

    /** The ucontext of a signal that interrupted other registers. */
    public Target ucontext(long address, long pc, long sp, long... registerAndValue) {
        CpuRegisters interrupted = new CpuRegisters();
        interrupted.set(CpuRegisters.RIP, pc);
        interrupted.set(CpuRegisters.RSP, sp);
        for (int i = 0; i < registerAndValue.length; i += 2) {
            interrupted.set((int) registerAndValue[i], registerAndValue[i + 1]);
        }
        return words(address, interrupted.ucontext());
    }

    /** Where the sample hits. */
    public Target leaf(long pc, long sp) {
        return register(CpuRegisters.RIP, pc).register(CpuRegisters.RSP, sp);
    }

    /** @param number of DWARF */
    public Target register(int number, long value) {
        registers.set(number, value);
        return this;
    }

    public Target mode(UnwindMode unwindMode) {
        mode = unwindMode;
        return this;
    }

    /** Every task has memory and no flag otherwise. */
    public Target task(int flags, boolean hasMemory) {
        walker.task(flags, hasMemory);
        return this;
    }

    /** The process's mappings have changed. */
    public Target nextGeneration() {
        generation++;
        return this;
    }

    public int reads() {
        return memory.reads();
    }

    /** The state of the walker's counters. */
    public long counter(String name) {
        return walker.counter(name);
    }

    /** Samples, and compares. */
    public Target expect(WalkEnd end, long... frames) {
        Sample sample = sample();
        assertThat(text(sample.end(), sample.user())).isEqualTo(text(end, frames));
        return this;
    }

    public Sample sample() {
        publish();
        return Objects.requireNonNull(walker.sample(registers));
    }

    /** A sample of kernel mode, see {@link HostWalker#sampleKernel}. */
    public Sample sampleKernel(long... stack) {
        publish();
        return Objects.requireNonNull(walker.sampleKernel(registers, stack));
    }

    /** A sample before the walker knows the process. */
    public Sample sampleUnknown(long... kernelStack) {
        walker.configure(mode, true);
        return Objects.requireNonNull(
                kernelStack.length == 0 ? walker.sample(registers) : walker.sampleKernel(registers, kernelStack));
    }

    private void publish() {
        walker.configure(mode, false);
        for (int i = 0; i < dictionary.size(); i++) {
            dictionary.rule(i).write(walker.slab(0).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN), i * RuleLayout.SIZE);
        }
        CodeMapping binary = RowTable.of(rules).write(walker, TABLE, CODE, CODE_END, BIAS);
        List<CodeMapping> mappings = new ArrayList<>(others);
        mappings.add(binary);
        mappings.sort((a, b) -> Long.compareUnsigned(a.start(), b.start()));
        for (int i = 0; i < mappings.size(); i++) {
            mappings.get(i).write(walker.slab(MAPPINGS), (long) i * MAPPING_WORDS);
        }
        walker.process(new ProcessEntry(MAPPINGS, mappings.size(), generation));
    }

    private static String text(WalkEnd end, long[] frames) {
        StringBuilder text = new StringBuilder(end.name());
        for (long frame : frames) {
            text.append(' ').append(Long.toHexString(frame));
        }
        return text.toString();
    }
}
