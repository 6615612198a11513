package io.perfagent.symbolize;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Budget;
import io.perfagent.model.Mapping;
import io.perfagent.model.SymbolMiss;
import io.perfagent.procfs.ProcMaps;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Files that stay open, of the libraries of this process. */
class BinariesTest {
    private static final int PID = (int) ProcessHandle.current().pid();
    private static final long HEAP = 256 << 20;

    @Test
    void noMoreAreOpenThanThereAreDescriptorsFor() throws Exception {
        expectRoomForTwo(new Binaries(new Budget(HEAP), 2));
    }

    /** Headers of a file of this process take some kilobytes. */
    @Test
    void noMoreAreOpenThanThereIsMemoryFor() throws Exception {
        List<Mapping> files = files();
        try (Binaries binaries = new Binaries(new Budget(1 << 10))) {
            assertThat(binaries.of(PID, files.getFirst())).isSameAs(Binary.NO_ROOM);
        }
        assertThat(Binary.NO_ROOM.miss()).isEqualTo(SymbolMiss.NO_ROOM);
    }

    private static void expectRoomForTwo(Binaries binaries) throws IOException {
        List<Mapping> files = files();
        try (binaries) {
            assertThat(binaries.of(PID, files.get(0))).matches(Binary::readable);
            assertThat(binaries.of(PID, files.get(1))).matches(Binary::readable);
            assertThat(binaries.of(PID, files.get(2))).isSameAs(Binary.NO_ROOM);
            assertThat(binaries.of(PID, files.get(1))).matches(Binary::readable);
        }
    }

    /** One mapping of each. */
    private static List<Mapping> files() throws IOException {
        return ProcMaps.readExecutable(PID).stream()
                .filter(mapping -> mapping.isFile() && mapping.path().contains(".so"))
                .toList();
    }
}
