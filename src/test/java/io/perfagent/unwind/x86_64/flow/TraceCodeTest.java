package io.perfagent.unwind.x86_64.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the stack pointer is in traces of LuaJIT, written as its compiler writes them. */
class TraceCodeTest {
    /** {@code add $-64,%rsp; nop; jne out; add $64,%rsp; jmp out; nop}. */
    private static final String ROOT = "4883c4c0 90 0f8500100000 4883c440 e900100000 90";

    @Test
    void aRootTakesAllAndGivesItBack() {
        assertThat(places(ROOT, 64, true)).isEqualTo(new TreeMap<>(Map.of(0, 0, 4, 64, 5, 64, 11, 64, 15, 0, 20, 0)));
    }

    /** {@code nop; add $-16,%rsp; nop; add $80,%rsp; jmp out}. */
    @Test
    void aSideTraceTakesWhatItsParentHasNot() {
        assertThat(places("90 4883c4f0 90 4883c450 e900100000", 80, false))
                .isEqualTo(new TreeMap<>(Map.of(0, 64, 1, 64, 5, 80, 6, 80, 10, 0)));
    }

    /** {@code nop; jmp *(%rip)} and a loop. */
    @Test
    void thereMayBeNothingToTake() {
        assertThat(places("90 ff2500000000", 0, true)).isEqualTo(new TreeMap<>(Map.of(0, 0, 1, 0)));
        assertThat(places("90 ebfd", 32, false)).isEqualTo(new TreeMap<>(Map.of(0, 32, 1, 32)));
    }

    /** The last byte of an instruction is missing; other frames than the description's; what no trace does. */
    @ParameterizedTest
    @CsvSource({
        "cut off, 4883c4c0 90 e9001000, 64, true",
        "another size, 4883c4c0 90 4883c440 e900100000, 80, true",
        "another size at the end, 4883c4c0 90 4883c450 e900100000, 64, true",
        "more than there is, 4883c4c0 90 4883c430 e900100000, 48, false",
        "taken twice, 4883c4f0 4883c4f0 90 ebfd, 16, true",
        "given back twice, 4883c4c0 4883c440 4883c440 e900100000, 64, true",
        "goes on behind it, 4883c4c0 4883c440 4889c8 e900100000, 64, true",
        "push, 4883c4c0 50 58 ebfb, 64, true",
        "return, 4883c4c0 4883c440 c3, 64, true",
        "from another register, 4883c4c0 4889ec ebfb, 64, true",
        "rounded, 4883c4c0 4883e4f0 ebfb, 64, true",
        "nothing taken by a root, 90 ebfd, 64, true",
    })
    void otherCodeSaysNothing(String why, String code, int spill, boolean root) {
        assertThat(places(code, spill, root)).as(why).isNull();
    }

    private static @Nullable Map<Integer, Integer> places(String hex, int spill, boolean root) {
        Map<Integer, Integer> places = new TreeMap<>();
        byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
        boolean told = TraceCode.follow(code, spill, root, places::put);
        assertThat(told).isEqualTo(!places.isEmpty());
        return told ? places : null;
    }
}
