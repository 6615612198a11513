package io.perfagent.bpf.walker;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.perfagent.bpf.abi.CodeMapping;
import io.perfagent.bpf.abi.CpuCounters;
import io.perfagent.bpf.abi.Limits;
import io.perfagent.bpf.abi.ProcessEntry;
import io.perfagent.bpf.abi.SampleRecord;
import io.perfagent.bpf.abi.SentCode;
import io.perfagent.model.Sample;
import io.perfagent.model.StackCopies;
import io.perfagent.model.UnwindMode;
import io.perfagent.procfs.PidNamespace;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's program in this process: {@code bpf/cpu.bpf.c}, compiled for the host, over memory and tables that a test makes
 * up. It samples one process on one CPU; for one thread.
 */
@SuppressWarnings("restricted")
public final class HostWalker implements AutoCloseable {
    private static final FunctionDescriptor READ = FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_INT, JAVA_LONG);
    private static final long SLAB_BYTES = 4L * Limits.SLAB_WORDS;

    private final Linker linker = Linker.nativeLinker();
    private final Arena arena = Arena.ofConfined();
    private final Map<Integer, MemorySegment> slabs = new HashMap<>();
    private final SymbolLookup library;
    private final MethodHandle reset;
    private final MethodHandle slab;
    private final MethodHandle process;
    private final MethodHandle config;
    private final MethodHandle kernel;
    private final MethodHandle task;
    private final MethodHandle sample;
    private final MethodHandle counters;
    private final MethodHandle recordBytes;
    private final MethodHandle firstStack;
    private final MethodHandle fsBase;
    private final MethodHandle made;
    private final MethodHandle leads;
    private final MethodHandle asked;
    private final MethodHandle pass;
    private final MethodHandle codesSent;
    private final MethodHandle codeSent;
    private final MethodHandle ringUsed;
    private final MethodHandle stackEnd;
    private final MethodHandle findRow;
    private final MethodHandle findMapping;
    private final MemorySegment read;
    private UserMemory memory = new UserMemory();
    private boolean comparing;
    private MemorySegment copy = MemorySegment.NULL;

    private HostWalker(Path object) {
        library = SymbolLookup.libraryLookup(object, arena);
        reset = link("host_reset", FunctionDescriptor.ofVoid(ADDRESS));
        slab = link("host_slab", FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS));
        process = link("host_process", FunctionDescriptor.ofVoid(ADDRESS));
        config = link("host_config", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
        kernel = link("host_kernel", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_INT));
        task = link("host_task", FunctionDescriptor.ofVoid(JAVA_INT, JAVA_INT));
        sample = link("host_sample", FunctionDescriptor.of(ADDRESS, ADDRESS));
        counters = link("host_counters", FunctionDescriptor.of(ADDRESS));
        recordBytes = link("host_record_bytes", FunctionDescriptor.of(JAVA_LONG));
        stackEnd = link("host_stack_end", FunctionDescriptor.ofVoid(JAVA_LONG));
        firstStack = link("host_first_stack", FunctionDescriptor.ofVoid(JAVA_LONG));
        fsBase = link("host_fs_base", FunctionDescriptor.ofVoid(JAVA_LONG));
        made = link("host_made", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT));
        leads = link("host_leads", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
        asked = link("host_asked", FunctionDescriptor.of(JAVA_INT));
        pass = link("host_pass", FunctionDescriptor.ofVoid(JAVA_LONG));
        codesSent = link("host_codes_sent", FunctionDescriptor.of(JAVA_INT));
        codeSent = link("host_code_sent", FunctionDescriptor.of(ADDRESS));
        ringUsed = link("host_ring_used", FunctionDescriptor.ofVoid(JAVA_LONG));
        findRow = link("host_find_row", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
        findMapping = link("host_find_mapping", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS));
        read = linker.upcallStub(reader(), READ, arena);
    }

    /** The program as it stands in {@code bpf/}. */
    public static HostWalker production() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("walker");
        try {
            return new HostWalker(WalkerBuild.production(directory));
        } finally {
            delete(directory);
        }
    }

    /** The program with a fault planted: see {@link WalkerBuild#compileFaulty}. */
    public static HostWalker faulty(String file, String right, String wrong) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("walker");
        try {
            return new HostWalker(WalkerBuild.compileFaulty(file, right, wrong, directory));
        } finally {
            delete(directory);
        }
    }

    /** From now on each sample's stack is walked in user space as well. */
    HostWalker compare() {
        comparing = true;
        return this;
    }

    boolean comparing() {
        return comparing;
    }

    /** Forgets all that was sampled and known; user memory is {@code from} from here on. */
    public void reset(UserMemory from) {
        memory = from;
        try {
            reset.invokeExact(read);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        slabs.values().forEach(words -> words.fill((byte) 0));
        slabs.forEach(this::publish);
    }

    /** The slab that holds a word address, 1 MiB; made of zeros where it was missing. */
    public MemorySegment slab(int word) {
        return slabs.computeIfAbsent(word / Limits.SLAB_WORDS, number -> {
            MemorySegment memory = arena.allocate(SLAB_BYTES, 8);
            publish(number, memory);
            return memory;
        });
    }

    /** Writes words from a word address on, through all slabs. */
    public void write(int word, int... values) {
        for (int i = 0; i < values.length; i++) {
            slab(word + i).setAtIndex(JAVA_INT, (word + i) % Limits.SLAB_WORDS, values[i]);
        }
    }

    /** Makes the sampled process known. */
    public void process(ProcessEntry entry) {
        try (Arena local = Arena.ofConfined()) {
            process.invokeExact(entry.allocate(local));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** What the loader writes before the program runs. */
    public void configure(UnwindMode mode, boolean allProcesses) {
        configure(mode, allProcesses, StackCopies.NEVER);
    }

    /** The same, with copies of stacks. */
    public void configure(UnwindMode mode, boolean allProcesses, StackCopies copies) {
        try {
            int all = allProcesses ? 1 : 0;
            int status = (int) config.invokeExact(mode.ordinal(), all, copies.ordinal(), PidNamespace.INITIAL);
            if (status != 0) {
                throw new AssertionError("the configuration cannot be written");
            }
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Samples user mode; null where the program sends nothing. */
    public @Nullable Sample sample(CpuRegisters registers) {
        return sample(registers.inUserMode());
    }

    /**
     * Samples kernel mode.
     *
     * @param registers of user mode, as {@code task_pt_regs} finds them
     * @param stack the kernel's frames
     */
    public @Nullable Sample sampleKernel(CpuRegisters registers, long... stack) {
        try (Arena local = Arena.ofConfined()) {
            MemorySegment user = local.allocateFrom(JAVA_LONG, registers.inUserMode());
            kernel.invokeExact(user, local.allocateFrom(JAVA_LONG, stack), stack.length);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        return sample(CpuRegisters.inKernelMode());
    }

    /** What the last sample took along, valid up to the next; empty where it took nothing. */
    MemorySegment copy() {
        return copy;
    }

    /** Where the mapping ends that the stack is in; without this the kernel will not say. */
    void stackEnd(long end) {
        try {
            stackEnd.invokeExact(end);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Where the process's first thread began its stack. */
    void firstStack(long address) {
        try {
            firstStack.invokeExact(address);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Where the thread's FS begins. */
    void fsBase(long address) {
        try {
            fsBase.invokeExact(address);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Tells it of an instruction of code that the process has made, whose bytes are there; returns the hash of those around it.
     *
     * @param returns bytes from the address to others that are to stay the same
     */
    int made(long address, int row, int returns) {
        try {
            return (int) made.invokeExact(address, row, returns);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Tells it that a function, whose code is there, leads to an address; returns the hash of the code. */
    int leads(long function, long pc) {
        try {
            return (int) leads.invokeExact(function, pc);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** How often it has asked for what code does, since it was reset. */
    int asked() {
        try {
            return (int) asked.invokeExact();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Lets time pass, besides the nanosecond between two looks at the clock. */
    void pass(long nanos) {
        try {
            pass.invokeExact(nanos);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** How many code objects of Python were sent since the walker was reset. */
    int codesSent() {
        try {
            return (int) codesSent.invokeExact();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** The last of them, up to the next sample. */
    SentCode codeSent() {
        try {
            return new SentCode(((MemorySegment) codeSent.invokeExact()).reinterpret(SentCode.LAYOUT.byteSize()));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Bytes in the ring, of 4 MiB, that nobody has read yet. */
    void ringUsed(long bytes) {
        try {
            ringUsed.invokeExact(bytes);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** The task that is sampled: its flags, and whether it has memory still. */
    public void task(int flags, boolean memory) {
        try {
            task.invokeExact(flags, memory ? 1 : 0);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** A counter of the CPU, by its name in C. */
    public long counter(String name) {
        try {
            MemorySegment all = (MemorySegment) counters.invokeExact();
            return CpuCounters.get(all.reinterpret(CpuCounters.LAYOUT.byteSize()), name);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** {@code find_row} of a mapping that {@link #allocate} made. */
    public int findRow(MemorySegment mapping, long address) {
        try {
            return (int) findRow.invokeExact(mapping, address);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** {@code find_mapping}; the start of what it found, −1 where it found none. */
    public long findMapping(MemorySegment process, long address, MemorySegment found) {
        try {
            int result = (int) findMapping.invokeExact(process, address, found);
            return result == 0 ? -1 : found.get(JAVA_LONG, 0);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** A mapping as C sees it. */
    public static MemorySegment allocate(Arena arena, CodeMapping mapping) {
        MemorySegment words = arena.allocate(CodeMapping.LAYOUT);
        mapping.write(words, 0);
        return words;
    }

    @Override
    public void close() {
        arena.close();
    }

    private @Nullable Sample sample(long[] registers) {
        try (Arena local = Arena.ofConfined()) {
            MemorySegment record = (MemorySegment) sample.invokeExact(local.allocateFrom(JAVA_LONG, registers));
            copy = MemorySegment.NULL;
            if (record.address() == 0) {
                return null;
            }
            MemorySegment sent = record.reinterpret((long) recordBytes.invokeExact());
            copy = SampleRecord.copy(sent);
            return SampleRecord.decode(sent);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private void publish(int number, MemorySegment memory) {
        try {
            slab.invokeExact(number, memory);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Called by the walker, while a sample is taken. */
    long readMemory(MemorySegment buffer, int size, long from) {
        return memory.read(buffer, size, from);
    }

    private MethodHandle reader() {
        try {
            MethodType type = MethodType.methodType(long.class, MemorySegment.class, int.class, long.class);
            return MethodHandles.lookup()
                    .findVirtual(HostWalker.class, "readMemory", type)
                    .bindTo(this);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("no readMemory", e);
        }
    }

    private MethodHandle link(String name, FunctionDescriptor type) {
        return linker.downcallHandle(library.findOrThrow(name), type);
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
