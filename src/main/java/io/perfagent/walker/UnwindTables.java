package io.perfagent.walker;

import io.perfagent.bpf.BpfMap;
import io.perfagent.bpf.abi.CodeMapping;
import io.perfagent.bpf.abi.ProcessEntry;
import io.perfagent.bpf.abi.RuleLayout;
import io.perfagent.bpf.abi.RuntimeEntry;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Segment;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.Budget;
import io.perfagent.model.CodeMemory;
import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.TableCompiler;
import io.perfagent.unwind.cfi.Workspace;
import io.perfagent.unwind.table.InterpreterFrame;
import io.perfagent.unwind.table.KeptFrames;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.UnwindTable;
import io.perfagent.unwind.x86_64.RowEncoder;
import io.perfagent.unwind.x86_64.UnwindRule;
import io.perfagent.unwind.x86_64.flow.Departure;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The tables of all binaries and the mappings of all processes, in the memory that the kernel's walker reads.
 *
 * <pre>
 *   slab 0
 *   ┌────────────┬───────────┬──────────────┬──────────────────┬─────
 *   │ dictionary │ page index│ rows         │ mappings of a pid│ …
 *   └────────────┴───────────┴──────────────┴──────────────────┴─────
 * </pre>
 *
 * Safe for use by several threads; tables are compiled beside each other.
 */
public final class UnwindTables implements TableCompilers.Tables, AutoCloseable {
    /** Rules of all binaries together; some hundred are in use on a machine. */
    private static final int DICTIONARY_RULES = 16_384;

    /** Of a process, walked on with in user space, while the walker asks what its code does. */
    private static final int LEARNING_HITS = 256;

    private static final byte[] NO_SECTION = {};

    /** r15 (zend_execute.c, ZEND_VM_IP_GLOBAL_REG). */
    private static final int PHP_INSTRUCTION_POINTER = 15;

    private static final int RULE_WORDS = RuleLayout.SIZE / 4;

    /** Processes that a file is tried to be opened through. */
    private static final int MAX_TRIES = 3;

    /** Tables that are compiled beside each other share the memory for work; one that needs more than this has all of it for itself. */
    private static final int MOST_AT_ONCE = 8;

    private final Slabs slabs;
    private final BpfMap processes;
    private final ElfSource source;
    private final Budget budget;
    private final RuleDictionary dictionary = new RuleDictionary(DICTIONARY_RULES);
    private final TableStore tables;
    private final LuaStates luaStates = new LuaStates();
    private final Map<Integer, PublishedProcess> published = new HashMap<>();
    /** PIDs that have a mapping whose table has become ready, or will never be. */
    private final Set<Integer> outdated = new HashSet<>();
    /** Files whose tables say in which frames made code runs, since they were asked for last. */
    private final Queue<FileId> telling = new ConcurrentLinkedQueue<>();

    private int rulesWritten;
    private int generation;
    private long cfiRows;
    private long withoutRoom;
    private long tablesWithoutMemory;
    private long tablesWithoutSlabs;
    private String fileWithoutTable = "";

    private record Use(int pid, Mapping mapping) {}

    private enum Outcome {
        READY,
        UNREADABLE,
        NO_MEMORY,
        NO_SLABS
    }

    /**
     * An empty store; it owns the slabs that it makes.
     *
     * @param slabs the walker's array of slabs
     * @param processes the walker's map of processes
     * @param source opens binaries
     * @param budget has the memory in which tables are made
     */
    public UnwindTables(BpfMap slabs, BpfMap processes, ElfSource source, Budget budget) throws IOException {
        this.budget = budget;
        this.slabs = new Slabs(slabs);
        this.processes = processes;
        this.source = source;
        this.tables = new TableStore(this.slabs);
        this.slabs.allocate(DICTIONARY_RULES * RULE_WORDS);
    }

    /** Tells the walker of a process's mappings, sorted, once the tables of all of them are compiled. */
    public void update(int pid, List<Mapping> mappings) throws IOException {
        for (Mapping missing : missing(pid, mappings)) {
            compile(pid, missing);
        }
        List<Mapping> _ = publish(pid, mappings);
    }

    /**
     * Tells the walker of a process's mappings, sorted. Walks end where a table is not ready.
     *
     * @return mappings whose tables are to be compiled, one of each file
     */
    public synchronized List<Mapping> publish(int pid, List<Mapping> mappings) throws LinuxException {
        List<Mapping> missing = missing(pid, mappings);
        PublishedProcess process = published.computeIfAbsent(pid, _ -> new PublishedProcess());
        List<Mapping> code = code(mappings);
        process.runs(code);
        process.forgetOtherRuntimes(slabs);
        process.useTables(tables);
        publish(pid, process);
        return missing;
    }

    /**
     * Compiles the table of a mapped file; {@link #publishReady} tells the walker. Where the process has ended meanwhile, the file is
     * opened as another has it.
     */
    @Override
    public void compile(int pid, Mapping mapping) {
        Set<Integer> tried = new HashSet<>();
        FileId file = mapping.file();
        if (isReady(file)) {
            return;
        }
        Outcome outcome = Outcome.UNREADABLE;
        Use use = new Use(pid, mapping);
        for (int tries = 0; use != null && tries < MAX_TRIES; tries++) {
            outcome = compile(use);
            tried.add(use.pid);
            use = outcome == Outcome.UNREADABLE ? anotherUse(file, tried) : null;
        }
        if (outcome != Outcome.READY) {
            giveUp(mapping, outcome, version(pid, mapping));
        }
    }

    /** Whether a file has its table, or is known to give none. */
    boolean isReady(FileId file) {
        return tables.get(file) != null;
    }

    private Outcome compile(Use use) {
        try (ElfFile elf = source.open(use.pid, use.mapping)) {
            Object version = version(use.pid, use.mapping);
            Outcome outcome = compile(use.mapping.file(), elf, version, budget.workBytes() / MOST_AT_ONCE);
            return outcome == Outcome.NO_MEMORY
                    ? compile(use.mapping.file(), elf, version, budget.workBytes())
                    : outcome;
        } catch (IOException _) {
            return Outcome.UNREADABLE;
        }
    }

    private Outcome compile(FileId file, ElfFile elf, Object version, long bytes) {
        try (Budget.Work _ = budget.work(bytes)) {
            return store(file, elf.segments(), TableCompiler.compile(elf, dictionary, new Workspace(bytes)), version);
        } catch (Workspace.NoRoom _) {
            return Outcome.NO_MEMORY;
        }
    }

    private synchronized @Nullable Use anotherUse(FileId file, Set<Integer> not) {
        for (Map.Entry<Integer, PublishedProcess> process : published.entrySet()) {
            if (process.getValue().lacks(file) && !not.contains(process.getKey())) {
                for (Mapping mapping : process.getValue().code()) {
                    if (mapping.file().equals(file)) {
                        return new Use(process.getKey(), mapping);
                    }
                }
            }
        }
        return null;
    }

    private synchronized void giveUp(Mapping mapping, Outcome outcome, Object version) {
        tablesWithoutMemory += outcome == Outcome.NO_MEMORY ? 1 : 0;
        tablesWithoutSlabs += outcome == Outcome.NO_SLABS ? 1 : 0;
        fileWithoutTable = outcome == Outcome.UNREADABLE ? fileWithoutTable : mapping.path();
        tables.addNone(mapping.file(), version);
        outdate(mapping.file());
    }

    /** Tells the walker of the tables that were compiled since the last call. */
    @Override
    public synchronized void publishReady() throws LinuxException {
        for (int pid : List.copyOf(outdated)) {
            PublishedProcess process = published.get(pid);
            if (process != null) {
                process.useTables(tables);
                publish(pid, process);
            }
        }
        outdated.clear();
    }

    /** The walker forgets a process: it has ended. */
    public synchronized void remove(int pid) throws LinuxException {
        PublishedProcess process = published.remove(pid);
        if (process != null) {
            processes.remove(pid);
            process.leaveTables(tables);
            process.free(slabs);
        }
    }

    /**
     * A sample of a process was walked on with in code of its own making. From a number of them on most of that code is known, and the walker is told
     * not to copy samples there any more.
     */
    public synchronized void makesCode(int pid) throws LinuxException {
        PublishedProcess process = published.get(pid);
        if (process != null && process.entry != null && !process.makesCode && ++process.hits >= LEARNING_HITS) {
            process.makesCode = true;
            put(pid, process, process.entry.makingCode());
        }
    }

    /**
     * Tells the walker of a language's runtime in a process.
     *
     * @param file a mapping of the runtime's file: what is said holds as long as the process has it
     */
    public synchronized void runs(int pid, Mapping file, RuntimeEntry runtime) throws LinuxException {
        PublishedProcess process = published.get(pid);
        if (process != null) {
            ifThereIsRoom(pid, process, () -> process.runs(slabs, file, runtime));
            publish(pid, process);
        }
    }

    /** The rules in which rows are written. */
    public RuleDictionary dictionary() {
        return dictionary;
    }

    /**
     * The rows of a process's code, for a walk in user space. The list may be one that the walker was never told of; where the table
     * of a binary is missing, its rows are a stop for {@link WalkEnd#TABLE_PENDING}.
     *
     * @param mappings sorted, none over another
     */
    public CodeRows rows(List<Mapping> mappings) {
        return rows(mappings, (memory, address) -> {
            UnwindRule.Frame rule = around(mappings, memory, address, 0).rule();
            return rule == null ? 0 : row(rule.derived());
        });
    }

    /** As {@link CodeRows#made}. */
    @FunctionalInterface
    interface MadeRows {
        int row(CodeMemory memory, long address);
    }

    /** The same, where somebody else says what code does that the process has made. */
    CodeRows rows(List<Mapping> mappings, MadeRows made) {
        MappedRows rows = new MappedRows(code(mappings), tables, slabs);
        return new CodeRows() {
            @Override
            public int row(long address) {
                return UnwindTables.this.row(rows, address);
            }

            @Override
            public boolean isExecutable(long address) {
                return mappings.stream().anyMatch(mapping -> mapping.contains(address));
            }

            @Override
            public int made(CodeMemory memory, long address) {
                return made.row(memory, address);
            }

            @Override
            public boolean leads(CodeMemory memory, long function, long pc) {
                return CodeAround.anywhere(memory, function).leadsTo(pc, entered(mappings));
            }

            @Override
            public KeptFrames keptFrames() {
                return UnwindTables.this.keptFrames(rows.code());
            }
        };
    }

    /**
     * The code from an instruction on that a process has made.
     *
     * @param mappings of the process, sorted, none over another
     * @param memory of the process
     * @param register what r14 held when the code was met; 0: not known
     */
    CodeAround around(List<Mapping> mappings, CodeMemory memory, long address, long register) {
        return switch (interpreter(code(mappings))) {
            case InterpreterFrame.Unknown(), InterpreterFrame.Entered(int _) -> {
                CodeAround code = around(mappings, memory, address, Departure.UNKNOWN);
                yield keptFrames(code(mappings)) == KeptFrames.MADE_CODE ? code.framedByOthers() : code;
            }
            case InterpreterFrame.Dispatching(int row) ->
                around(mappings, memory, address, Departure.through(PHP_INSTRUCTION_POINTER, row));
            case InterpreterFrame.Tracing tracing -> {
                LuaTrace trace = luaStates.traceAt(memory, tracing, address, register);
                CodeAround code = around(mappings, memory, address, Departure.UNKNOWN);
                yield trace == null ? code : code.in(trace, frame(tracing.row()));
            }
        };
    }

    /** A file that has come to say in which frames code runs that its process has made, each once; null where there is none. */
    @Nullable
    FileId nextTelling() {
        return telling.poll();
    }

    /** Bytes of the frame that a function of the process has made which jumps from there to whatever a program is; else those of a return address. */
    int entered(List<Mapping> mappings) {
        return interpreter(code(mappings)) instanceof InterpreterFrame.Entered(int bytes) ? bytes : Long.BYTES;
    }

    private static CodeAround around(List<Mapping> mappings, CodeMemory memory, long address, Departure departure) {
        return new CodeAround(memory, MadeMemory.around(address, mappings, departure), address);
    }

    /** That of a row in the dictionary. */
    private UnwindRule.Frame frame(int row) {
        return Objects.requireNonNull(new RowEncoder(dictionary, NO_SECTION).shared(row));
    }

    /** The row of a rule, which the walker knows from now on; 0 where there are too many rules. */
    synchronized int row(UnwindRule.Frame rule) {
        int row = new RowEncoder(dictionary, NO_SECTION).row(rule);
        writeRules();
        return UnwindRow.op(row) == UnwindRow.ROW_STOP ? 0 : row;
    }

    private KeptFrames keptFrames(List<Mapping> code) {
        KeptFrames most = KeptFrames.UNKNOWN;
        for (Mapping mapping : code) {
            BinaryTable table = tables.get(mapping.file());
            most = table == null || table.keptFrames().compareTo(most) < 0 ? most : table.keptFrames();
        }
        return most;
    }

    /** In which frame code runs that a process has made, if one of its files says so. */
    private InterpreterFrame interpreter(List<Mapping> code) {
        for (Mapping mapping : code) {
            BinaryTable table = tables.get(mapping.file());
            if (table != null && !table.interpreter().equals(InterpreterFrame.UNKNOWN)) {
                return table.interpreter();
            }
        }
        return InterpreterFrame.UNKNOWN;
    }

    /** Without a wait for whoever adds tables, unless a table goes meanwhile. */
    private int row(MappedRows rows, long address) {
        long begun = tables.beginRead();
        try {
            int row = rows.row(address);
            if (tables.stayed(begun)) {
                return row;
            }
        } catch (IndexOutOfBoundsException _) {
            // words that another table has by now
        }
        return rowWhileNoneGoes(rows, address);
    }

    private synchronized int rowWhileNoneGoes(MappedRows rows, long address) {
        return rows.row(address);
    }

    /** Bytes of tables, page indexes included. */
    public synchronized long tableBytes() {
        return tables.words() * 4;
    }

    /** Rows that the call-frame information had before equal neighbours were merged. */
    public synchronized long cfiRows() {
        return cfiRows;
    }

    /** Tables that needed more memory than they may take while they are made. */
    public synchronized long tablesWithoutMemory() {
        return tablesWithoutMemory;
    }

    /** Tables that found no room among those of the walker. */
    public synchronized long tablesWithoutSlabs() {
        return tablesWithoutSlabs;
    }

    /** The last file whose table was one of these, as its process sees it; empty where none was. */
    public synchronized String fileWithoutTable() {
        return fileWithoutTable;
    }

    /** Times that the walker could not be told of a process, for there was no room. */
    public synchronized long withoutRoom() {
        return withoutRoom;
    }

    @Override
    public synchronized void close() {
        slabs.close();
    }

    private static List<Mapping> code(List<Mapping> mappings) {
        List<Mapping> code = new ArrayList<>(mappings.size());
        for (Mapping mapping : mappings) {
            if (isCode(mapping)) {
                code.add(mapping);
            }
        }
        return code;
    }

    private static boolean isCode(Mapping mapping) {
        return mapping.executable() && mapping.isImage();
    }

    /** Those of a process's mappings whose tables are not there, one of each file. */
    synchronized List<Mapping> missing(int pid, List<Mapping> mappings) {
        Map<FileId, Mapping> missing = new LinkedHashMap<>();
        for (Mapping mapping : mappings) {
            if (isCode(mapping)) {
                requireSameFile(pid, mapping);
                if (tables.get(mapping.file()) == null) {
                    missing.putIfAbsent(mapping.file(), mapping);
                }
            }
        }
        return List.copyOf(missing.values());
    }

    private void requireSameFile(int pid, Mapping mapping) {
        if (tables.isIdle(mapping.file())) {
            tables.require(mapping.file(), version(pid, mapping));
        }
    }

    /** One that cannot be looked at is taken for another. */
    private Object version(int pid, Mapping mapping) {
        try {
            return source.version(pid, mapping);
        } catch (IOException _) {
            return new Object();
        }
    }

    /** Copies the table while others go on: samples are read, and processes told of, meanwhile. */
    private Outcome store(FileId file, List<Segment> segments, UnwindTable table, Object version) {
        try {
            TableStore.Room room = reserve(table);
            add(file, tables.write(segments, table, room), table.cfiRows(), version);
            return Outcome.READY;
        } catch (LinuxException e) {
            if (isWantOfRoom(e)) {
                return Outcome.NO_SLABS;
            }
            throw new IllegalStateException("the walker's tables cannot be written", e);
        }
    }

    private synchronized TableStore.@Nullable Room reserve(UnwindTable table) throws LinuxException {
        return tables.reserve(table);
    }

    private synchronized void add(FileId file, BinaryTable table, long rows, Object version) {
        writeRules();
        tables.add(file, table, version);
        if (table.tellsOfMadeCode()) {
            telling.add(file);
        }
        cfiRows += rows;
        outdate(file);
    }

    private static boolean isWantOfRoom(LinuxException e) {
        return switch (e.errno()) {
            case E2BIG, ENOSPC, ENOMEM -> true;
            default -> false;
        };
    }

    private void outdate(FileId file) {
        published.forEach((pid, process) -> {
            if (process.lacks(file)) {
                outdated.add(pid);
            }
        });
    }

    /** Rules are only ever added: what the walker may be reading does not change. */
    private void writeRules() {
        int size = dictionary.size();
        for (; rulesWritten < size; rulesWritten++) {
            ByteBuffer to = slabs.slab(0).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            dictionary.rule(rulesWritten).write(to, rulesWritten * RuleLayout.SIZE);
        }
    }

    private void publish(int pid, PublishedProcess process) throws LinuxException {
        List<CodeMapping> code = new ArrayList<>();
        for (Mapping mapping : process.known()) {
            BinaryTable table = tables.get(mapping.file());
            code.add(table == null ? BinaryTable.pending(mapping) : table.at(mapping));
        }
        ifThereIsRoom(pid, process, () -> write(pid, process, code));
    }

    /** What takes room in the slabs. */
    @FunctionalInterface
    private interface Writing {
        void run() throws LinuxException;
    }

    /** Where there is none, the process is left out and counted, and the run goes on. */
    private void ifThereIsRoom(int pid, PublishedProcess process, Writing writing) throws LinuxException {
        try {
            writing.run();
        } catch (LinuxException e) {
            if (!isWantOfRoom(e)) {
                throw e;
            }
            withoutRoom++;
            processes.remove(pid); // the room that it was told of may be another's by now
            process.entry = null;
        }
    }

    private void write(int pid, PublishedProcess process, List<CodeMapping> code) throws LinuxException {
        int word = process.area(slabs, code.size()).next();
        MemorySegment slab = slabs.slab(word);
        for (int i = 0; i < code.size(); i++) {
            code.get(i).write(slab, Slabs.inSlab(word) + (long) i * MappingArea.MAPPING_WORDS);
        }
        ProcessEntry entry = process.withRuntimes(new ProcessEntry(word, code.size(), ++generation));
        ProcessEntry flagged = switch (keptFrames(process.known())) {
            case UNKNOWN -> entry;
            case MADE_CODE -> entry.makingFrames();
            case ALL -> entry.keepingFramePointers();
        };
        put(pid, process, process.makesCode ? flagged.makingCode() : flagged);
    }

    private void put(int pid, PublishedProcess process, ProcessEntry entry) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            processes.put(pid, entry.allocate(arena));
        }
        process.entry = entry;
    }
}
