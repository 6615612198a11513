package io.perfagent.unwind;

import io.perfagent.bpf.BpfMap;
import io.perfagent.bpf.Slabs;
import io.perfagent.bpf.abi.CodeMapping;
import io.perfagent.bpf.abi.Limits;
import io.perfagent.bpf.abi.ProcessEntry;
import io.perfagent.bpf.abi.RuleLayout;
import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Segment;
import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import io.perfagent.model.WalkEnd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
 * Safe for use by several threads.
 */
public final class UnwindTables implements AutoCloseable {
    /** Rules of all binaries together; some hundred are in use on a machine. */
    private static final int DICTIONARY_RULES = 16_384;

    private static final int RULE_WORDS = RuleLayout.SIZE / 4;
    private static final int MAPPING_WORDS = (int) CodeMapping.LAYOUT.byteSize() / 4;
    /** A process's list lies in one slab; what a process maps beyond this is code in no known mapping. */
    private static final int MAX_MAPPINGS = Limits.SLAB_WORDS / MAPPING_WORDS;

    private final Slabs slabs;
    private final BpfMap processes;
    private final ElfSource source;
    private final RuleDictionary dictionary = new RuleDictionary(DICTIONARY_RULES);
    private final Map<FileId, BinaryTable> tables = new HashMap<>();
    private final Map<Integer, MappingArea> areas = new HashMap<>();
    private final Map<Integer, ProcessEntry> published = new HashMap<>();
    private int rulesWritten;
    private int generation;
    private long words;
    private long cfiRows;
    private int unreadable;

    /**
     * An empty store; it owns the slabs that it makes.
     *
     * @param slabs the walker's array of slabs
     * @param processes the walker's map of processes
     * @param source opens binaries
     */
    public UnwindTables(BpfMap slabs, BpfMap processes, ElfSource source) throws IOException {
        this.slabs = new Slabs(slabs);
        this.processes = processes;
        this.source = source;
        this.slabs.allocate(DICTIONARY_RULES * RULE_WORDS);
    }

    /** Tells the walker of a process's mappings; compiles the tables of binaries that are new. */
    public synchronized void update(int pid, List<Mapping> mappings) throws IOException {
        List<CodeMapping> known = new ArrayList<>();
        for (Mapping mapping : mappings) {
            if (isCode(mapping) && known.size() < MAX_MAPPINGS) {
                known.add(table(pid, mapping).at(mapping));
            }
        }
        writeRules();
        publish(pid, known);
    }

    /** Tells the walker that a process runs code of its own making, so that its samples there are not copied any more. */
    public synchronized void makesCode(int pid) throws IOException {
        ProcessEntry entry = published.get(pid);
        if (entry != null) {
            publish(pid, entry.makingCode());
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
    public synchronized CodeRows rows(List<Mapping> mappings) {
        List<CodeMapping> code = new ArrayList<>();
        for (Mapping mapping : mappings) {
            if (isCode(mapping)) {
                BinaryTable table = tables.get(mapping.file());
                code.add(table == null ? pending(mapping) : table.at(mapping));
            }
        }
        return new SlabRows(slabs, code);
    }

    private static CodeMapping pending(Mapping mapping) {
        return new CodeMapping(mapping.start(), mapping.end(), 0, 0, 0, 0, WalkEnd.TABLE_PENDING);
    }

    private static boolean isCode(Mapping mapping) {
        return mapping.executable() && (mapping.isFile() || mapping.isVdso());
    }

    /** Bytes of tables, page indexes included. */
    public synchronized long tableBytes() {
        return words * 4;
    }

    /** Rows that the call-frame information had before equal neighbours were merged. */
    public synchronized long cfiRows() {
        return cfiRows;
    }

    /** Binaries that could not be read. */
    public synchronized int unreadable() {
        return unreadable;
    }

    @Override
    public synchronized void close() {
        slabs.close();
    }

    private BinaryTable table(int pid, Mapping mapping) throws IOException {
        BinaryTable known = tables.get(mapping.file());
        if (known == null) {
            known = compile(pid, mapping);
            tables.put(mapping.file(), known);
        }
        return known;
    }

    private BinaryTable compile(int pid, Mapping mapping) throws IOException {
        List<Segment> segments;
        UnwindTable table;
        try (ElfFile file = source.open(pid, mapping)) {
            segments = file.segments();
            table = UnwindTable.compile(file, dictionary);
        } catch (IOException _) {
            unreadable++;
            return BinaryTable.NONE;
        }
        return store(segments, table);
    }

    private BinaryTable store(List<Segment> segments, UnwindTable table) throws IOException {
        int[] pageIndex = table.pageIndex();
        if (table.pageCount() == 0 || pageIndex.length > Limits.SLAB_WORDS) {
            return new BinaryTable(segments, 0, 0, 0);
        }
        int index = slabs.allocate(pageIndex.length);
        int rows = slabs.nextWord();
        UnwindTable placed = table.place(Slabs.inSlab(rows));
        slabs.allocateSpan(placed.rows().length);
        slabs.write(rows, placed.rows());
        slabs.write(index, shifted(placed.pageIndex(), rows));
        words += pageIndex.length + placed.rows().length;
        cfiRows += table.cfiRows();
        return new BinaryTable(segments, index, (int) table.firstPage(), table.pageCount());
    }

    private static int[] shifted(int[] positions, int by) {
        int[] shifted = new int[positions.length];
        for (int i = 0; i < positions.length; i++) {
            shifted[i] = positions[i] + by;
        }
        return shifted;
    }

    /** Rules are only ever added: what the walker may be reading does not change. */
    private void writeRules() {
        int size = dictionary.size();
        for (; rulesWritten < size; rulesWritten++) {
            ByteBuffer to = slabs.slab(0).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            dictionary.rule(rulesWritten).write(to, rulesWritten * RuleLayout.SIZE);
        }
    }

    private void publish(int pid, List<CodeMapping> code) throws IOException {
        int word = area(pid, code.size()).next();
        MemorySegment slab = slabs.slab(word);
        for (int i = 0; i < code.size(); i++) {
            code.get(i).write(slab, Slabs.inSlab(word) + (long) i * MAPPING_WORDS);
        }
        publish(pid, new ProcessEntry(word, code.size(), ++generation));
    }

    private void publish(int pid, ProcessEntry entry) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            processes.put(pid, entry.allocate(arena));
        }
        published.put(pid, entry);
    }

    private MappingArea area(int pid, int count) throws IOException {
        MappingArea area = areas.get(pid);
        if (area == null || area.capacity < count) {
            int capacity = Math.min(MAX_MAPPINGS, Math.max(16, Integer.highestOneBit(Math.max(count, 1)) * 2));
            area = new MappingArea(
                    slabs.allocate(capacity * MAPPING_WORDS), slabs.allocate(capacity * MAPPING_WORDS), capacity);
            areas.put(pid, area);
        }
        return area;
    }

    /** Room for a process's mappings, twice: a walk that has begun still reads the list before this one. */
    private static final class MappingArea {
        private final int first;
        private final int second;
        private final int capacity;
        private boolean firstInUse;

        MappingArea(int first, int second, int capacity) {
            this.first = first;
            this.second = second;
            this.capacity = capacity;
        }

        int next() {
            firstInUse = !firstInUse;
            return firstInUse ? first : second;
        }
    }
}
