package io.perfagent.bench;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.Format;
import io.perfagent.model.Profile;
import io.perfagent.output.Export;
import io.perfagent.output.ProfileFile;
import io.perfagent.testing.Browser;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A million samples in 200,000 stacks written in each format, and pages of them opened in a browser. */
final class FormatsBenchmark {
    private static final int ROUNDS = 1;
    private static final int STACKS = 200_000;
    private static final int SAMPLES = 1_000_000;
    private static final int FEW_STACKS = 20_000;
    private static final double NANOS = 1e9;
    private static final double MEGABYTE = 1e6;
    private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();

    void run(PrintStream out) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("perf-agent-formats");
        Profile profile = SyntheticProfile.of(STACKS, SAMPLES);
        Table table = Table.ofFigures(
                "A million samples in 200,000 stacks, 60 frames deep, in each format; heap is what is needed beside the"
                        + " profile, garbage included");
        for (Format format : Format.values()) {
            write(profile, format, directory.resolve("app" + format.extension()), table);
        }
        table.print(out);
        Table pages =
                Table.ofFigures("Pages in headless Chromium, from the first line of their script to the first picture");
        Path few = directory.resolve("few.html");
        write(SyntheticProfile.of(FEW_STACKS, 5 * FEW_STACKS), Format.HTML, few, new Table("", "", "", "", "", "", ""));
        Figures size = new Figures();
        size.add(Files.size(few) / MEGABYTE);
        pages.figure("20,000 stacks, size", size, "MB", 1);
        pages.figure("20,000 stacks", opened(few), "ms", 1000);
        pages.figure("200,000 stacks", opened(directory.resolve("app.html")), "ms", 2000);
        pages.print(out);
    }

    private static void write(Profile profile, Format format, Path file, Table table) throws IOException {
        Figures wall = new Figures();
        Figures cpu = new Figures();
        Figures heap = new Figures();
        Figures size = new Figures();
        Export export = new Export(format, ProfileFile.at(file), false);
        for (int round = 0; round < ROUNDS; round++) {
            long used = heapInUse();
            long began = System.nanoTime();
            long cpuBegan = THREAD.getCurrentThreadCpuTime();
            written(export, profile);
            wall.add((System.nanoTime() - began) / NANOS);
            cpu.add((THREAD.getCurrentThreadCpuTime() - cpuBegan) / NANOS);
            heap.add((peakHeap() - used) / MEGABYTE);
            size.add(Files.size(file) / MEGABYTE);
        }
        table.figure(format.label(), wall, "s");
        table.figure("  CPU time", cpu, "s");
        table.figure("  heap", heap, "MB");
        table.figure("  size", size, "MB");
        if (format != Format.HTML) {
            Files.delete(file);
        }
    }

    private static void written(Export export, Profile profile) throws IOException {
        try {
            var _ = export.write(profile);
        } catch (CannotStartException e) {
            throw new IOException(e);
        }
    }

    private static Figures opened(Path page) throws IOException, InterruptedException {
        Figures ready = new Figures();
        try (Browser browser = Browser.start(1280, 800)) {
            for (int round = 0; round < ROUNDS; round++) {
                browser.open(page);
                ready.add(Double.parseDouble(browser.evaluate("document.documentElement.dataset.ready")
                        .replace("\"", "")));
            }
        }
        return ready;
    }

    private static List<MemoryPoolMXBean> heapPools() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .toList();
    }

    private static long heapInUse() {
        System.gc();
        heapPools().forEach(MemoryPoolMXBean::resetPeakUsage);
        return heapPools().stream().mapToLong(pool -> pool.getUsage().getUsed()).sum();
    }

    private static long peakHeap() {
        return heapPools().stream()
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum();
    }
}
