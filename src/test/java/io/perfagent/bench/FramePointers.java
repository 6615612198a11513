package io.perfagent.bench;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.perfagent.bpf.BpfMap;
import io.perfagent.bpf.BpfObject;
import io.perfagent.linux.Cpus;
import io.perfagent.linux.PerfEvent;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The kernel's own walk by frame pointers, which needs no tables and no rules: {@code src/test/bpf/frame_pointers.bpf.c}.
 *
 * @param frames walked
 * @param nanos spent on them
 */
record FramePointers(long samples, long frames, long nanos) {
    private static final int FRAMES = 127;

    /** {@code struct counts}. */
    private static final StructLayout COUNTS = MemoryLayout.structLayout(
            JAVA_INT.withName("pid"),
            JAVA_INT.withName("reserved"),
            JAVA_LONG.withName("samples"),
            JAVA_LONG.withName("frames"),
            JAVA_LONG.withName("nanos"),
            MemoryLayout.sequenceLayout(FRAMES, JAVA_LONG));

    /** Samples a target of one thread. */
    static FramePointers walk(Target target, int rate, int seconds) throws IOException, InterruptedException {
        try (BpfObject object = BpfObject.open(Files.readAllBytes(Path.of("target/bench/frame_pointers.bpf.o")));
                Arena arena = Arena.ofConfined()) {
            object.load();
            BpfMap map = object.map("counts");
            MemorySegment counts = arena.allocate(COUNTS);
            counts.set(JAVA_INT, 0, (int) target.pid());
            map.put(0, counts);
            for (int cpu : Cpus.online()) {
                object.attach("walk_frame_pointers", PerfEvent.cpuClock(cpu, rate));
            }
            Thread.sleep(seconds * 1000L);
            object.detach();
            map.get(0, counts);
            return new FramePointers(get(counts, "samples"), get(counts, "frames"), get(counts, "nanos"));
        }
    }

    private static long get(MemorySegment counts, String name) {
        return counts.get(JAVA_LONG, COUNTS.byteOffset(MemoryLayout.PathElement.groupElement(name)));
    }
}
