package io.perfagent.bench;

import io.perfagent.bpf.BpfObject;
import io.perfagent.bpf.SamplerConfig;
import io.perfagent.bpf.SamplerObject;
import io.perfagent.linux.Cpus;
import io.perfagent.model.Budget;
import io.perfagent.model.Mapping;
import io.perfagent.model.StackCopies;
import io.perfagent.model.UnwindMode;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.targetfs.LinkedFiles;
import io.perfagent.targetfs.MappedFile;
import io.perfagent.walker.UnwindTables;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;

/**
 * The tables that a run makes before its first sample, of Python processes, built again and again in this JVM, whose options are those of
 * perf-agent; beside them those of all that is mapped, which a run makes only where samples hit it.
 */
final class TablesBenchmark {
    private static final int ROUNDS = 10;
    private static final int PROCESSES = 1024;
    private static final int RING_BYTES = 1 << 20;
    private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();

    private final String python;
    private final Figures load = new Figures();
    private final Figures loadCpu = new Figures();
    private final Figures bytesPerRow = new Figures();

    TablesBenchmark(String python) {
        this.python = python;
    }

    void run(PrintStream out) throws IOException, InterruptedException {
        try (Target bare = Target.idle(python);
                Target chain = Target.plain(python, "chain.py").halted();
                Target mixed = Target.plain(python, "mixed.py").halted()) {
            List<Build> builds = List.of(
                    new Build("bare interpreter", bare, true),
                    new Build("chain.py, libcrypto mapped", chain, true),
                    new Build("mixed.py, libcrypto and libsqlite3 mapped", mixed, true),
                    new Build("mixed.py, all that is mapped", mixed, false));
            for (int round = 0; round < ROUNDS; round++) {
                for (Build build : builds) {
                    build(build, round > 0);
                }
            }
            print(builds, out);
        }
    }

    private void print(List<Build> builds, PrintStream out) {
        Table table = Table.ofFigures("Tables of one Python process, built " + ROUNDS + " times in one JVM");
        for (Build build : builds) {
            table.figure("size, " + build.name, build.megabytes, "MB", build.ofStart ? 0.5 : Double.NaN);
        }
        table.figure("bytes per row of call-frame information", bytesPerRow, "bytes", 4);
        for (Build build : builds) {
            table.figure("built warm, " + build.name, build.wall, "ms", build.ofStart ? 30 : Double.NaN);
            table.figure("  CPU time", build.cpu, "ms");
        }
        table.figure("BPF object opened and loaded, warm", load, "ms", 50);
        table.figure("  CPU time", loadCpu, "ms");
        table.print(out);
    }

    /** From the process's mappings to tables that the walker can use; what the first round takes is not noted. */
    private void build(Build build, boolean warm) throws IOException {
        long beforeLoad = THREAD.getCurrentThreadCpuTime();
        try (BpfObject object = SamplerObject.load(new SamplerConfig(
                        Cpus.possible(),
                        PROCESSES,
                        RING_BYTES,
                        UnwindMode.AUTO,
                        SamplerConfig.Scope.ANNOUNCED,
                        StackCopies.NEVER,
                        0,
                        false));
                UnwindTables tables = new UnwindTables(
                        object.map("slabs"), object.map("processes"), MappedFile::open, Budget.ofHeap())) {
            long began = System.nanoTime();
            long beganCpu = THREAD.getCurrentThreadCpuTime();
            List<Mapping> code = ProcMaps.readExecutable(build.pid);
            tables.update(build.pid, build.ofStart ? LinkedFiles.of(build.pid, code) : code);
            if (warm) {
                build.cpu.add((THREAD.getCurrentThreadCpuTime() - beganCpu) / 1e6);
                build.wall.add((System.nanoTime() - began) / 1e6);
                build.megabytes.add(tables.tableBytes() / 1e6);
                bytesPerRow.add((double) tables.tableBytes() / tables.cfiRows());
                load.add(object.loadNanos() / 1e6);
                loadCpu.add((beganCpu - beforeLoad) / 1e6);
            }
        }
    }

    private static final class Build {
        private final String name;
        private final int pid;
        private final boolean ofStart;
        private final Figures wall = new Figures();
        private final Figures cpu = new Figures();
        private final Figures megabytes = new Figures();

        Build(String name, Target target, boolean ofStart) {
            this.name = name;
            this.pid = (int) target.pid();
            this.ofStart = ofStart;
        }
    }
}
