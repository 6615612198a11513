package io.perfagent.walker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.bpf.SmallMap;
import io.perfagent.bpf.abi.Limits;
import io.perfagent.elf.ElfFile;
import io.perfagent.linux.Fd;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.Budget;
import io.perfagent.model.Mapping;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.targetfs.MappedFile;
import io.perfagent.unwind.TableCompiler;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.UnwindTable;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where the walker's array of slabs is full: here it has room for one. */
class SlabsIT {
    private static final int PID = (int) ProcessHandle.current().pid();

    @Test
    void aSlabThatTheWalkerCannotSeeHoldsNothing() throws Exception {
        try (Fd fd = SmallMap.create();
                Slabs slabs = new Slabs(SmallMap.of(fd))) {
            int first = slabs.allocate(Limits.SLAB_WORDS - 100);
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatThrownBy(() -> slabs.allocate(200)).isInstanceOf(LinuxException.class);
                assertThatThrownBy(() -> slabs.allocateSpan(200, _ -> 200)).isInstanceOf(LinuxException.class);
            }
            int second = slabs.allocate(50);
            assertThat(first).isZero();
            assertThat(second).isEqualTo(Limits.SLAB_WORDS - 100);
            slabs.write(second, new int[50]);
        }
    }

    /** The library of this virtual machine has more rows than a slab has words beside the dictionary; its neighbour has few. */
    @Test
    void aTableWithoutRoomIsCountedAndTakesNoneOfTheNext() throws Exception {
        Mapping large = mapping("libjvm.so");
        Mapping small = mapping("libjli.so");
        try (Fd fd = SmallMap.create();
                Fd processes = SmallMap.create();
                UnwindTables tables =
                        new UnwindTables(SmallMap.of(fd), SmallMap.of(processes), MappedFile::open, Budget.ofHeap())) {
            tables.compile(PID, large);
            assertThat(tables.tablesWithoutSlabs()).isEqualTo(1);
            assertThat(tables.fileWithoutTable()).isEqualTo(large.path());
            assertThat(tables.tableBytes()).isZero();
            tables.compile(PID, small);
            assertThat(tables.tablesWithoutSlabs()).isEqualTo(1);
            assertThat(tables.tableBytes()).isPositive();
            assertThat(tables.tablesWithoutMemory()).isZero();
        }
    }

    /** There is room for the index of a table's pages, and for none of its rows. */
    @Test
    void theIndexOfATableWithoutRoomIsGivenBack() throws Exception {
        Mapping mapping = mapping("libjli.so");
        try (Fd fd = SmallMap.create();
                Slabs slabs = new Slabs(SmallMap.of(fd));
                ElfFile file = MappedFile.open(PID, mapping)) {
            UnwindTable table = TableCompiler.compile(file, new RuleDictionary(1 << 14));
            int index = table.pageIndex().length;
            int used = (Limits.SLAB_WORDS - index) / 2 * 2;
            int _ = slabs.allocate(used);
            TableStore store = new TableStore(slabs);
            assertThatThrownBy(() -> store.reserve(table)).isInstanceOf(LinuxException.class);
            assertThat(allocateOnceItHasRested(slabs, index)).isEqualTo(used);
        }
    }

    /** Who publishes a process, or writes a table, may be driven from the processor while it does. */
    @Test
    @Timeout(60)
    void rowsAreReadWhileAnotherThreadHoldsTheTables() throws Exception {
        Mapping mapping = mapping("libjli.so");
        try (Fd fd = SmallMap.create();
                Fd processes = SmallMap.create();
                UnwindTables tables =
                        new UnwindTables(SmallMap.of(fd), SmallMap.of(processes), MappedFile::open, Budget.ofHeap())) {
            tables.compile(PID, mapping);
            CodeRows rows = tables.rows(List.of(mapping));
            int[] alone = rowsOf(rows, mapping);
            assertThat(IntStream.of(alone).distinct().count()).isGreaterThan(10);
            FutureTask<int[]> beside = new FutureTask<>(() -> rowsOf(rows, mapping));
            synchronized (tables) {
                Thread.ofPlatform().daemon().start(beside);
                assertThat(beside.get(30, TimeUnit.SECONDS)).isEqualTo(alone);
            }
        }
    }

    /** One that goes takes its words with it while they are read. */
    @Test
    void rowsAreThoseOfTheTableThatIsThere() throws Exception {
        Mapping mapping = mapping("libjli.so");
        try (Fd fd = SmallMap.create();
                Slabs slabs = new Slabs(SmallMap.of(fd));
                ElfFile file = MappedFile.open(PID, mapping)) {
            UnwindTable table = TableCompiler.compile(file, new RuleDictionary(1 << 14));
            TableStore store = new TableStore(slabs);
            store.add(mapping.file(), store.write(file.segments(), table, store.reserve(table)), "first");
            long before = store.beginRead();
            assertThat(store.stayed(before)).isTrue();
            store.require(mapping.file(), "first");
            assertThat(store.stayed(before)).isTrue();
            store.require(mapping.file(), "second");
            assertThat(store.stayed(before)).isFalse();
            assertThat(store.stayed(store.beginRead())).isTrue();
            assertThat(store.get(mapping.file())).isNull();
        }
    }

    private static int[] rowsOf(CodeRows rows, Mapping mapping) {
        return LongStream.range(mapping.start(), mapping.end())
                .mapToInt(rows::row)
                .toArray();
    }

    /** What is given back rests for a second. */
    private static int allocateOnceItHasRested(Slabs slabs, int words) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            try {
                return slabs.allocate(words);
            } catch (LinuxException e) {
                assertThat(System.nanoTime()).as("no room: " + e.getMessage()).isLessThan(deadline);
                Thread.sleep(50);
            }
        }
    }

    private static Mapping mapping(String library) throws Exception {
        List<Mapping> mappings = ProcMaps.readExecutable(PID);
        return mappings.stream()
                .filter(mapping -> mapping.path().endsWith(library))
                .findFirst()
                .orElseThrow();
    }
}
