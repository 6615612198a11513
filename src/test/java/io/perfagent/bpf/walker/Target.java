package io.perfagent.bpf.walker;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.CPythonEntry;
import io.perfagent.bpf.abi.CodeMapping;
import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.bpf.abi.Limits;
import io.perfagent.bpf.abi.MadeCodeEntry;
import io.perfagent.bpf.abi.ProcessEntry;
import io.perfagent.bpf.abi.RuleLayout;
import io.perfagent.bpf.abi.StoppedWalk;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.CodeMemory;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.Sample;
import io.perfagent.model.StackCopies;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WalkEnd;
import io.perfagent.rewalk.x86_64.UserWalker;
import io.perfagent.rewalk.x86_64.Walked;
import io.perfagent.unwind.table.EncodedRule;
import io.perfagent.unwind.table.KeptFrames;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.walker.CodeRows;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A made-up process with one binary: its rules are given by address, its stack and code as words and bytes.
 *
 * <pre>
 *   CODE, 1 MiB: mapping with a table        STACK: words        slab 0 dictionary │ 1 table │ 2 mappings │ 3 a JVM │ 4 a CPython
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
    private static final int JVM = 3 * Limits.SLAB_WORDS;
    private static final int PYTHON = 4 * Limits.SLAB_WORDS;
    private static final int MAPPING_WORDS = (int) CodeMapping.LAYOUT.byteSize() / 4;

    private final HostWalker walker;
    private final UserMemory memory = new UserMemory();
    private final CpuRegisters registers = new CpuRegisters();
    private final RuleDictionary dictionary = new RuleDictionary(1000);
    private final TreeMap<Long, Integer> rules = new TreeMap<>();
    private final List<CodeMapping> others = new ArrayList<>();
    private final Map<Long, Integer> pending = new HashMap<>();
    private UnwindMode mode = UnwindMode.AUTO;
    private StackCopies copies = StackCopies.NEVER;
    private int flags;
    private @Nullable HotSpotEntry jvm;
    private @Nullable CPythonEntry python;
    private int generation = 1;
    private long madeAt;
    private int madeRow;
    private int madeHash;
    private int madeReturns;
    private int madeReturnsHash;
    private long leadsFrom;
    private long leadsTo;
    private int leadsHash;
    private long firstStack;

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

    /** Code of a file whose table is being compiled; what will be known of it is a rule for all its addresses. */
    Target pendingMapping(long start, long end, int rule) {
        others.add(new CodeMapping(start, end, 0, 0, 0, 0, WalkEnd.TABLE_PENDING));
        pending.put(start, rule);
        return this;
    }

    /** Which samples take a part of their stack along. */
    Target copies(StackCopies which) {
        copies = which;
        return this;
    }

    /** The process is known to run code of its own making. */
    Target makesCode() {
        flags |= ProcessEntry.PROCESS_MAKES_CODE;
        return this;
    }

    /** The process's program keeps frame pointers, and so does the code that it makes. */
    Target keepsFramePointers() {
        flags |= ProcessEntry.PROCESS_FRAME_POINTERS;
        return this;
    }

    /** The code that the process makes keeps frame pointers. */
    Target makesFrames() {
        flags |= ProcessEntry.PROCESS_MAKES_FRAMES;
        return this;
    }

    /** The process is a JVM with this code cache. */
    Target jvm(HotSpotEntry described) {
        jvm = described;
        return this;
    }

    /** The process runs a CPython, and the thread has its FS there. */
    Target python(CPythonEntry described, long fsBase) {
        python = described;
        walker.fsBase(fsBase);
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

    /** What is known of an instruction of code that the process has made: that follows from the code that is there now. */
    Target made(long address, EncodedRule rule) {
        return made(address, rule, 0);
    }

    /** The same from code that goes on, and is looked at so many bytes behind the address, too. */
    Target made(long address, EncodedRule rule, int returns) {
        return made(address, UnwindRow.rule(UnwindRow.ROW_RULE, dictionary.indexOf(rule)), returns);
    }

    /** Of which nothing can be said. */
    Target unsaid(long address) {
        return made(address, 0, 0);
    }

    private Target made(long address, int row, int returns) {
        madeRow = row;
        madeAt = address;
        madeReturns = returns;
        madeHash = walker.made(address, row, returns);
        madeReturnsHash = hash(address + returns);
        return this;
    }

    /** A function leads to an address by jumps alone, and to those behind it in its block: that follows from the code that is there now. */
    Target leads(long function, long pc) {
        leadsFrom = function;
        leadsTo = pc;
        leadsHash = walker.leads(function, pc);
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

    /** Where the process's first thread began its stack. */
    Target firstStack(long address) {
        firstStack = address;
        walker.firstStack(address);
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

    /** By rules from tables, and by those that the first walk has left for the second. */
    Target expectTwice(WalkEnd end, long... frames) {
        return expect(end, frames).expect(end, frames);
    }

    /** The same of a sample that says whether frames may be missing. */
    Target expectGuessed(boolean guessed, WalkEnd end, long... frames) {
        Sample sample = sample();
        assertThat(text(sample.end(), sample.user()) + " " + sample.guessed())
                .isEqualTo(text(end, frames) + " " + guessed);
        return this;
    }

    public Sample sample() {
        publish();
        return compared(Objects.requireNonNull(walker.sample(registers)), false);
    }

    /** A sample of kernel mode, see {@link HostWalker#sampleKernel}. */
    public Sample sampleKernel(long... stack) {
        publish();
        return compared(Objects.requireNonNull(walker.sampleKernel(registers, stack)), true);
    }

    private Sample compared(Sample sample, boolean inKernel) {
        if (walker.comparing() && isWalk(sample.end()) && comparable()) {
            Walked walked = walkInUserSpace(inKernel);
            boolean elsewhere = walked.end() == WalkEnd.COPY_ENDS; // a stack that goes on behind a gap
            WalkEnd end = elsewhere ? WalkEnd.COPY_ENDS : sample.end();
            long[] frames = elsewhere ? Arrays.copyOf(sample.user(), walked.frames().length) : sample.user();
            assertThat(text(walked.end(), walked.frames()))
                    .as("the walk in user space")
                    .isEqualTo(text(end, frames));
            assertThat(elsewhere || walked.unsure() == sample.guessed())
                    .as("guessed, as in user space")
                    .isTrue();
            expectPlaces(sample, walked);
        }
        return sample;
    }

    /** A call of CPython's evaluation loop that the kernel side has placed is in that frame of the walk in user space. */
    private static void expectPlaces(Sample sample, Walked walked) {
        PythonFrames unplaced = new PythonFrames(
                Arrays.stream(sample.python().words())
                        .map(word -> word >>> 60 == 0xb ? PythonFrames.callWord(word) : word)
                        .toArray(),
                sample.python().end());
        assertThat(unplaced.placed((_, local) -> walked.frameAround(local)).words())
                .as("Python's frames, as in user space")
                .isEqualTo(sample.python().words());
    }

    private static boolean isWalk(WalkEnd end) {
        return end != WalkEnd.NO_USER_STACK && end != WalkEnd.COMPAT;
    }

    /** Not where user space is to know more, nor with a row that no compiler writes. */
    private boolean comparable() {
        return copies == StackCopies.NEVER && !rules.containsValue(UnwindRow.stop(WalkEnd.NO_MAPPING));
    }

    private Walked walkInUserSpace(boolean inKernel) {
        long call = registers.get(CpuRegisters.ORIG_RAX);
        boolean newborn = inKernel && (call == 56 || call == 435) && registers.get(CpuRegisters.RAX) == 0;
        return new UserWalker(dictionary, mode)
                .walk(
                        LeafCopy.of(registers, memory, newborn, firstStack),
                        rows(),
                        memory::peek,
                        jvm,
                        Limits.MAX_USER_FRAMES);
    }

    /** Walks on from where the last sample stopped, with all that is known by now; the whole stack, as text. */
    String walkedOn(Sample stopped) {
        MemorySegment copy = MemorySegment.ofArray(walker.copy().toArray(ValueLayout.JAVA_LONG));
        Walked rest = new UserWalker(dictionary, mode)
                .walk(new StoppedWalk(copy), rows(), memory::peek, jvm, Limits.MAX_USER_FRAMES);
        int below = stopped.user().length - 1;
        long[] frames = Arrays.copyOf(stopped.user(), below + rest.frames().length);
        System.arraycopy(rest.frames(), 0, frames, below, rest.frames().length);
        return text(rest.end(), frames);
    }

    private CodeRows rows() {
        return new CodeRows() {
            @Override
            public int row(long address) {
                return Target.this.row(address);
            }

            @Override
            public boolean isExecutable(long address) {
                return (flags & ProcessEntry.PROCESS_MAKES_CODE) != 0
                        || jvm != null
                        || row(address) != UnwindRow.stop(WalkEnd.NO_MAPPING);
            }

            @Override
            public int made(CodeMemory code, long address) {
                boolean same = hash(address) == madeHash && hash(address + madeReturns) == madeReturnsHash;
                return address == madeAt && same ? madeRow : 0;
            }

            @Override
            public boolean leads(CodeMemory code, long function, long pc) {
                boolean inBlock = pc >= leadsTo
                        && pc >>> MadeCodeEntry.JUMP_BLOCK_SHIFT == leadsTo >>> MadeCodeEntry.JUMP_BLOCK_SHIFT;
                return function == leadsFrom && inBlock && hash(function) == leadsHash;
            }

            @Override
            public KeptFrames keptFrames() {
                boolean all = (flags & ProcessEntry.PROCESS_FRAME_POINTERS) != 0;
                boolean made = (flags & ProcessEntry.PROCESS_MAKES_FRAMES) != 0;
                return all ? KeptFrames.ALL : made ? KeptFrames.MADE_CODE : KeptFrames.UNKNOWN;
            }
        };
    }

    /** Of the bytes around an address, on its page. */
    private int hash(long address) {
        byte[] around = new byte[MadeCodeEntry.HASHED_BYTES];
        for (int at = 0; at < around.length; at++) {
            long from = address - MadeCodeEntry.HASHED_BEFORE + at;
            boolean same = from >>> 12 == address >>> 12;
            around[at] = same && memory.peek(from, around, at, 1) ? around[at] : 0;
        }
        return MadeCodeEntry.hash(MemorySegment.ofArray(around));
    }

    private int row(long address) {
        for (CodeMapping mapping : others) {
            if (address >= mapping.start() && address < mapping.end()) {
                return pending.getOrDefault(mapping.start(), UnwindRow.stop(mapping.tableEnd()));
            }
        }
        if (address < CODE || address >= CODE_END) {
            return UnwindRow.stop(WalkEnd.NO_MAPPING);
        }
        Map.Entry<Long, Integer> rule = rules.floorEntry(address - BIAS);
        boolean covered = rule != null && (address - BIAS) >>> 12 <= rules.lastKey() >>> 12;
        return covered ? rule.getValue() : UnwindRow.stop(rules.isEmpty() ? WalkEnd.NO_TABLE : WalkEnd.NO_RULE);
    }

    /** A sample before the walker knows the process. */
    public Sample sampleUnknown(long... kernelStack) {
        walker.configure(mode, true, copies);
        return Objects.requireNonNull(
                kernelStack.length == 0 ? walker.sample(registers) : walker.sampleKernel(registers, kernelStack));
    }

    private void publish() {
        walker.configure(mode, false, copies);
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
        if (jvm != null) {
            jvm.write(walker.slab(JVM), 0);
        }
        if (python != null) {
            python.write(walker.slab(PYTHON), 0);
        }
        walker.process(new ProcessEntry(
                MAPPINGS, mappings.size(), generation, flags, jvm == null ? 0 : JVM, python == null ? 0 : PYTHON));
    }

    static String text(WalkEnd end, long... frames) {
        StringBuilder text = new StringBuilder(end.name());
        for (long frame : frames) {
            text.append(' ').append(Long.toHexString(frame));
        }
        return text.toString();
    }
}
