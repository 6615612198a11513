package io.perfagent.runtime.cpython;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Interpreter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Code that dies, and whose memory is used for other code at once: each has a tag of its own, and no name is given to another. */
class CodeTagIT {
    private static final int BIRTHS = 300;
    private static final int MOST_COUNTED = 1 << 24;

    static List<Interpreter> interpreters(TestInfo test) {
        return TestPythons.spread(test);
    }

    /** 3.12 has one without an exported name. */
    private static boolean counts(Interpreter interpreter) {
        return interpreter.part(1) >= 14 || interpreter.name().startsWith("pyenv-3.12");
    }

    @ParameterizedTest
    @MethodSource("interpreters")
    void codeAtTheAddressOfOtherCodeHasAnotherTag(Interpreter interpreter) throws Exception {
        try (PythonTalk target = PythonTalk.start(interpreter, "reborn.py")) {
            PythonLayout layout = Layouts.of(interpreter, Long.parseLong(target.line()), target);
            CodeObjects codes = new CodeObjects(layout, target.memory());
            Map<Long, Integer> tags = new HashMap<>();
            Map<Long, Integer> counts = new HashMap<>();
            long counter = Layouts.counter(target);
            assertThat(counter != 0 || !counts(interpreter)).as("has a counter").isTrue();
            int reborn = 0;
            for (int birth = 0; birth < BIRTHS; birth++) {
                String[] made = target.askForLine("").split(" ", -1);
                long address = Long.parseLong(made[0]);
                int tag = Layouts.tag(codes, address);
                if (counter != 0) {
                    Integer count = Layouts.number(counter, target);
                    assertThat(count).as("the counter").isBetween(1, MOST_COUNTED);
                    assertThat(count)
                            .as("that of the code which was there before")
                            .isNotEqualTo(counts.put(address, count));
                }
                Integer before = tags.put(address, tag);
                if (before != null) {
                    reborn++;
                    assertThat(codes.read(address, before)).as("the tag before").isEqualTo(CodeMiss.GONE);
                }
                assertThat(codes.read(address, tag)).isInstanceOfSatisfying(CodeObject.class, code -> {
                    assertThat(code.name()).isEqualTo(made[1]);
                    assertThat(code.firstLine()).isEqualTo(Integer.parseInt(made[2]));
                });
            }
            assertThat(reborn).as("code at an address that was used before").isGreaterThan(BIRTHS / 4);
        }
    }
}
