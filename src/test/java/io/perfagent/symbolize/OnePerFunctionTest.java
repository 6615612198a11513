package io.perfagent.symbolize;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.Location.Kind;
import io.perfagent.model.SymbolMiss;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Stacks, leaf first. */
class OnePerFunctionTest {
    private static final Location LOOP = located(Kind.NATIVE, 0x1000, new Call("_PyEval_EvalFrameDefault", ""));
    private static final Location CALL = located(Kind.NATIVE, 0x2000, new Call("_PyFunction_Vectorcall", ""));

    @Test
    void aTrampolineAndTheFrameThatWasReadAreOneWithItsLine() {
        assertThat(OnePerFunction.of(List.of(read("f"), LOOP, trampoline("f"), CALL, read("g"), LOOP, trampoline("g"))))
                .containsExactly(read("f"), LOOP, CALL, read("g"), LOOP);
    }

    @Test
    void aRecursiveFunctionHasAsManyFramesAsItRuns() {
        assertThat(OnePerFunction.of(List.of(read("f"), LOOP, trampoline("f"), CALL, read("f"), LOOP, trampoline("f"))))
                .containsExactly(read("f"), LOOP, CALL, read("f"), LOOP);
    }

    /** The interpreter's trampoline knows the name of the code alone. */
    @Test
    void codeWhoseFunctionHasAnotherName() {
        Call call = new Call("shop.Order.__init__", "__create_fn__.<locals>.__init__", "<string>", 3, 2);
        Location named = located(Kind.PYTHON, 0, call);
        assertThat(OnePerFunction.of(List.of(named, LOOP, trampoline("__create_fn__.<locals>.__init__"))))
                .containsExactly(named, LOOP);
    }

    /** One loop runs both, and was entered for the outer one. */
    @Test
    void aTrampolineIsTheOutermostFrameOfItsLoop() {
        assertThat(OnePerFunction.of(List.of(read("f"), read("g"), LOOP, trampoline("g"))))
                .containsExactly(read("f"), read("g"), LOOP);
    }

    @Test
    void twoFunctionsAreTwo() {
        assertThat(OnePerFunction.of(List.of(read("f"), LOOP, trampoline("g"))))
                .containsExactly(read("f"), LOOP, trampoline("g"));
    }

    /** The frame of a loop that is about to be entered is not there yet. */
    @Test
    void aTrampolineWithoutAFrameStays() {
        assertThat(OnePerFunction.of(List.of(trampoline("f"), CALL, read("g"), LOOP, trampoline("g"), trampoline("h"))))
                .containsExactly(trampoline("f"), CALL, read("g"), LOOP, trampoline("h"));
    }

    @Test
    void aFrameThatCouldNotBeReadTakesTheNameOfItsTrampoline() {
        Location unread = Location.unnamed(0, null, "[python]", SymbolMiss.CODE_OBJECT_GONE);
        assertThat(OnePerFunction.of(List.of(unread, LOOP, trampoline("f")))).containsExactly(trampoline("f"), LOOP);
        assertThat(OnePerFunction.of(List.of(unread, LOOP, CALL))).containsExactly(unread, LOOP, CALL);
    }

    /** A function that was running before trampolines were on, in one that was called after. */
    @Test
    void aFrameWithoutATrampolineStays() {
        assertThat(OnePerFunction.of(List.of(read("f"), LOOP, trampoline("f"), CALL, read("main"), LOOP, CALL)))
                .containsExactly(read("f"), LOOP, CALL, read("main"), LOOP, CALL);
    }

    private static Location read(String function) {
        return located(Kind.PYTHON, 0, new Call(function, "/app.py", 12, 10));
    }

    private static Location trampoline(String function) {
        return located(Kind.PYTHON, 0x7f00_0000_0000L, new Call(function, "/app.py"));
    }

    private static Location located(Kind kind, long address, Call call) {
        return new Location(kind, address, null, call);
    }
}
