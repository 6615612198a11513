package io.perfagent.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** perf-agent's walk beside the kernel's own, which follows frame pointers, on one program that has them. */
final class YardstickBenchmark {
    private static final int ROUNDS = 3;
    private static final int SECONDS = 2;
    private static final int RATE = 999;
    private static final List<Integer> LEVELS = List.of(30, 110); // the kernel's walk stops at 127 frames

    void run(PrintStream out) throws IOException, InterruptedException {
        Table table =
                Table.ofFigures("Yardstick: nanoseconds per frame, C program with frame pointers, " + RATE + " Hz");
        for (int levels : LEVELS) {
            Figures tables = new Figures();
            Figures kernel = new Figures();
            try (Target target = Target.program("recursion", Integer.toString(levels))) {
                for (int round = 0; round < ROUNDS; round++) {
                    tables.add(AgentRun.of(target, RATE, SECONDS).nanosPerFrame());
                    FramePointers walked = FramePointers.walk(target, RATE, SECONDS);
                    kernel.add((double) walked.nanos() / walked.frames());
                }
            }
            table.figure(levels + " levels, perf-agent's tables", tables, "ns");
            table.figure(levels + " levels, the kernel's bpf_get_stack", kernel, "ns");
        }
        table.print(out);
    }
}
