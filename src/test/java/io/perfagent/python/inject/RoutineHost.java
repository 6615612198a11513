package io.perfagent.python.inject;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Tool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * {@code src/test/c/routine/host.c}, which sends a thread of its own into the routine and says what became of it. One process is one
 * visit.
 */
final class RoutineHost implements AutoCloseable {
    private static final int FUNCTIONS = 19;
    /** Where the host has what stands for a thread's evaluation breaker. */
    private static final int BREAKER = 1024;

    private static final int UNUSED_DESCRIPTOR = 200;

    private final Machine machine;
    private final Process process;
    private final BufferedReader output;
    private final List<Long> functions;
    private final long block;
    private final long returnAddress;
    private final long interruptedAddress;
    private final int vectorBytes;

    private RoutineHost(Machine machine, Process process) throws IOException {
        this.machine = machine;
        this.process = process;
        this.output = process.inputReader(StandardCharsets.US_ASCII);
        List<Long> addresses = new ArrayList<>();
        for (String line = output.readLine(); !"go".equals(line); line = output.readLine()) {
            assertThat(line).as("introduction of the host").isNotNull();
            addresses.add(Long.parseUnsignedLong(line.substring(line.indexOf(' ') + 1), 16));
        }
        functions = List.copyOf(addresses.subList(0, FUNCTIONS));
        block = addresses.get(FUNCTIONS);
        returnAddress = addresses.get(FUNCTIONS + 1);
        interruptedAddress = addresses.get(FUNCTIONS + 2);
        vectorBytes = addresses.get(FUNCTIONS + 3).intValue();
    }

    static Path compile(Machine machine, Path folder) throws IOException, InterruptedException {
        Path program = folder.resolve("host-" + machine);
        Path source = Path.of("src/test/c/routine/host.c").toAbsolutePath();
        Tool.output(machine.compile(source.toString(), program.toString()), folder);
        return program;
    }

    static RoutineHost start(Machine machine, Path program) throws IOException {
        return new RoutineHost(
                machine,
                new ProcessBuilder(machine.run(program.toString()))
                        .redirectErrorStream(true)
                        .start());
    }

    /** Address of a fake, by its place in {@link PythonCalls}. */
    long function(int index) {
        return functions.get(index);
    }

    long block() {
        return block;
    }

    byte[] routine() {
        return machine.architecture()
                .routine(
                        new PythonCalls(
                                function(0),
                                function(1),
                                function(2),
                                function(3),
                                function(4),
                                function(5),
                                function(6),
                                function(7),
                                function(8),
                                function(9),
                                function(10),
                                function(11),
                                function(12),
                                function(13),
                                function(14),
                                function(15),
                                function(16),
                                function(17),
                                function(18)),
                        block);
    }

    /** Lets the thread go through the routine. */
    RoutineVisit visit(RoutinePlan plan, byte[] code) throws IOException, InterruptedException {
        try (Writer input = process.outputWriter(StandardCharsets.US_ASCII)) {
            for (String line : plan.lines()) {
                input.write(line + "\n");
            }
            input.write("state " + ControlBlock.PROCESSOR_STATE + "\n");
            input.write("code " + HexFormat.of().formatHex(code) + "\n");
            input.write("block " + HexFormat.of().formatHex(block(plan)) + "\ngo\n");
        }
        List<String> lines = output.readAllLines();
        int status = process.waitFor();
        return new RoutineVisit(status, lines);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private byte[] block(RoutinePlan plan) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(ControlBlock.SIZE).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(ControlBlock.EVALUATOR, plan.evaluatorOnRecord());
        bytes.putInt(ControlBlock.STATE, RunState.PREPARED.code());
        bytes.putInt(ControlBlock.COMMAND, plan.command().code());
        bytes.putInt(ControlBlock.ROUTE, plan.route().code());
        bytes.putLong(ControlBlock.BEFORE, block + BREAKER);
        bytes.putLong(ControlBlock.RETURN_PC, returnAddress);
        bytes.putLong(ControlBlock.RETURN_VALUE, RoutinePlan.RETURN_VALUE);
        bytes.putLong(ControlBlock.INTERRUPTED_AT, interruptedAddress);
        bytes.putLong(ControlBlock.SIGNAL_MASK, plan.mask());
        bytes.putInt(ControlBlock.RESTART, plan.restart().code());
        bytes.putInt(ControlBlock.VECTOR_BYTES, vectorBytes);
        putMap(bytes, plan.map());
        return bytes.array();
    }

    private void putMap(ByteBuffer bytes, RoutinePlan.Map map) throws IOException {
        if (map == RoutinePlan.Map.NONE) {
            return;
        }
        if (map == RoutinePlan.Map.NAMED) {
            bytes.put(ControlBlock.MAP_PATH, "/proc/self/fd/0".getBytes(StandardCharsets.US_ASCII));
            return;
        }
        var input = Files.readAttributes(Path.of("/proc/" + process.pid() + "/fd/0"), "unix:dev,ino");
        int descriptor = map == RoutinePlan.Map.CLOSED ? UNUSED_DESCRIPTOR : 0;
        bytes.putInt(ControlBlock.MAP_DESCRIPTOR, descriptor + 1);
        bytes.putLong(ControlBlock.MAP_DEVICE, (Long) input.get("dev") + (map == RoutinePlan.Map.OTHER_DEVICE ? 1 : 0));
        bytes.putLong(ControlBlock.MAP_INODE, (Long) input.get("ino") + (map == RoutinePlan.Map.OTHER_FILE ? 1 : 0));
    }
}
