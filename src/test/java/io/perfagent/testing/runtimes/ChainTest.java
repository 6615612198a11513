package io.perfagent.testing.runtimes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.Module;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Stacks are written as functions from the innermost, each with its file behind an @. */
class ChainTest {
    private static final long ENTRY = 0x1000;
    private static final Chain CHAIN = Chain.of("@blas <- ~^mid*2 <- handler <= main <- START");

    @ParameterizedTest
    @CsvSource({
        "whole,                     kernel@libblas.so inner@libblas.so middle mid.part handler main _start, true",
        "libc began it,             kernel@libblas.so middle middle handler main caller@libc.so.6,          true",
        "others in between,         kernel@libblas.so middle x middle handler y main z _start,              true",
        "without the leaf,          middle handler main _start,                                             true",
        "only what is always there, main _start,                                                            true",
        "a middle is missing,       kernel@libblas.so middle handler main _start,                           false",
        "the handler is missing,    kernel@libblas.so middle middle main _start,                            false",
        "in another order,          kernel@libblas.so handler middle middle main _start,                    false",
        "main is missing,           middle handler _start,                                                  false",
        "does not begin there,      kernel@libblas.so middle middle handler main other another,             false",
        "the leaf alone,            kernel@libblas.so,                                                      false",
    })
    void whatIsTrue(String why, String stack, boolean isTrue) {
        assertThat(CHAIN.isTrue(stack(stack), address -> address == ENTRY))
                .as(why)
                .isEqualTo(isTrue);
    }

    @Test
    void memoryWithoutAFileIsAnon() {
        assertThat(Chain.of("@anon <= START").hasLeaf(stack("jitted main"))).isTrue();
        assertThat(Chain.of("@anon <= START").hasLeaf(stack("f@program"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"leaf <- main <- START", "leaf <= main"})
    void halfAChainIsNone(String text) {
        assertThatThrownBy(() -> Chain.of(text)).isInstanceOf(IllegalArgumentException.class);
    }

    private static List<Location> stack(String functions) {
        return Arrays.stream(functions.split(" ")).map(ChainTest::location).toList();
    }

    private static Location location(String written) {
        String[] parts = written.split("@", 2);
        Module module = parts.length < 2 ? null : new Module(0, 1, 0, "/lib/" + parts[1], null);
        long address = parts[0].equals("_start") ? ENTRY : 1;
        return new Location(Location.Kind.NATIVE, address, module, new Call(parts[0], ""));
    }
}
