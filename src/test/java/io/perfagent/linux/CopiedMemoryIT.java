package io.perfagent.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.model.Mapping;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Memory of another process without its file: the same bytes, and none once it runs another program. */
class CopiedMemoryIT {
    private static final String WAITS_THEN_EXECUTES =
            "trap 'exec sleep 60' USR1; echo ready; while :; do sleep 0.01; done";

    private static byte[] read(CopiedMemory memory, long address, int length) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        assertThat(memory.read(bytes, address)).isEqualTo(length);
        return bytes.array();
    }

    @Test
    void theSameBytes() throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of("sh", "-c", WAITS_THEN_EXECUTES));
                CopiedMemory copied = new CopiedMemory(target.pid());
                ProcessMemory file = ProcessMemory.open(target.pid())) {
            for (Mapping mapping : ProcMaps.read(target.pid())) {
                if (mapping.executable() && mapping.isFile()) {
                    assertThat(ByteBuffer.wrap(read(copied, mapping.start() + 1, 4097)))
                            .isEqualTo(file.read(mapping.start() + 1, 4097));
                }
            }
            assertThatThrownBy(() -> copied.read(ByteBuffer.allocate(8), 8)).isInstanceOf(LinuxException.class);
        }
    }

    @Test
    void anotherProgramIsNotRead() throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of("sh", "-c", WAITS_THEN_EXECUTES));
                CopiedMemory copied = new CopiedMemory(target.pid())) {
            long address = ProcMaps.read(target.pid()).getFirst().start();
            assertThat(read(copied, address, 4)).startsWith(0x7f, 'E', 'L', 'F');
            Tool.output("kill", "-USR1", Integer.toString(target.pid()));
            while (!Files.readString(Path.of("/proc/" + target.pid() + "/comm")).startsWith("sleep")) {
                Thread.onSpinWait();
            }
            assertThat(copied.read(ByteBuffer.allocate(8), address)).isEqualTo(-1);
            long other = ProcMaps.read(target.pid()).getFirst().start();
            assertThat(copied.read(ByteBuffer.allocate(8), other)).isEqualTo(-1);
        }
    }
}
