package io.perfagent.walker;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.Mapping;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.unwind.x86_64.flow.Departure;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where code is that belongs together. */
class MadeMemoryTest {
    private static final Departure PHP =
            Departure.through(15, UnwindRow.rule(UnwindRow.ROW_RSP, 20 << UnwindRow.ROW_CFA_SHIFT));

    private static final List<Mapping> MAPPINGS = ProcMaps.parse("""
            400000-500000 r-xp 00000000 fe:00 77 /usr/bin/program
            500000-510000 r-xp 00000000 00:00 0
            510000-520000 rwxp 00000000 00:00 0
            530000-540000 r-xp 00000000 00:00 0
            540000-580000 r-xs 08000000 00:01 985875 /dev/zero (deleted)
            580000-590000 r-xp 00000000 00:00 0
            """);

    @Test
    void mappingsBehindEachOtherAreOne() {
        assertThat(MadeMemory.around(0x508000, MAPPINGS, PHP))
                .isEqualTo(new MadeMemory(0x500000, 0x520000, Departure.UNKNOWN));
        assertThat(MadeMemory.around(0x510000, MAPPINGS, PHP))
                .isEqualTo(new MadeMemory(0x500000, 0x520000, Departure.UNKNOWN));
        assertThat(MadeMemory.around(0x530000, MAPPINGS, PHP))
                .isEqualTo(new MadeMemory(0x530000, 0x540000, Departure.UNKNOWN));
    }

    @Test
    void onlySharedMemoryHasCodeOfPhp() {
        assertThat(MadeMemory.around(0x57ffff, MAPPINGS, PHP)).isEqualTo(new MadeMemory(0x540000, 0x580000, PHP));
        assertThat(MadeMemory.around(0x580000, MAPPINGS, PHP).departure()).isEqualTo(Departure.UNKNOWN);
    }

    @Test
    void whereNothingIsKnownItIsThePagesAround() {
        MadeMemory unknown = new MadeMemory(0x60_0000, 0x60_5000, Departure.UNKNOWN);
        assertThat(MadeMemory.around(0x60_1234, MAPPINGS, PHP)).isEqualTo(unknown);
        assertThat(MadeMemory.around(0x60_1234, List.of(), PHP)).isEqualTo(unknown);
        assertThat(unknown.contains(0x60_0000)).isTrue();
        assertThat(unknown.contains(0x60_5000)).isFalse();
        assertThat(unknown.contains(0x5f_ffff)).isFalse();
    }
}
