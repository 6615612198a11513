package io.perfagent.rewalk;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Mapping;
import io.perfagent.process.Image;
import io.perfagent.process.ProcessTable;
import io.perfagent.testing.TargetProgram;
import io.perfagent.walker.TargetBinaries;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The code of a process, as its memory has it, can be read when it has ended. */
class ImageCodeIT {
    private static final int BYTES = 32;
    private static final Path PROGRAM = Path.of("target", "workloads", "chain").toAbsolutePath();

    @Test
    void outlivesTheProcess() throws Exception {
        ProcessTable processes = new ProcessTable(ProcessTable.Scope.ALL);
        Map<Long, byte[]> memory = new HashMap<>();
        Image image;
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(PROGRAM.toString()))) {
            image = processes.add(target.pid());
            processes.read(image);
            try (RandomAccessFile mem = new RandomAccessFile("/proc/" + target.pid() + "/mem", "r")) {
                for (Mapping mapping : image.code()) {
                    byte[] bytes = new byte[BYTES];
                    if (mapping.isFile()) {
                        mem.seek(mapping.start() + 64);
                        mem.readFully(bytes);
                        memory.put(mapping.start() + 64, bytes);
                    }
                }
            }
        }
        processes.end(image, 1);
        assertThat(memory).as("program, C library, loader").hasSizeGreaterThanOrEqualTo(3);
        try (ImageCode code = new ImageCode(image, new TargetBinaries())) {
            byte[] read = new byte[BYTES];
            memory.forEach((address, bytes) -> {
                assertThat(code.read(address, read, 0, BYTES)).isTrue();
                assertThat(read).isEqualTo(bytes);
            });
            assertThat(code.read(4096, read, 0, BYTES)).as("no mapping").isFalse();
        }
    }
}
