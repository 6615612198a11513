package io.perfagent.runtime.cpython;

import static io.perfagent.runtime.cpython.MadeUpPython.CODE;
import static io.perfagent.runtime.cpython.MadeUpPython.FUNCTION;
import static io.perfagent.runtime.cpython.MadeUpPython.FUNCTION_NAME;
import static io.perfagent.runtime.cpython.MadeUpPython.MODULE;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.CodeMemory;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which names of functions are those of their code, and what becomes of what is no function. */
class FunctionNamesTest {
    private static final String OF_CODE = "__create_fn__.<locals>.__init__";

    private final PythonLayout layout = MadeUpPython.layout(12);
    private final FunctionLayout functions = Objects.requireNonNull(FunctionLayout.of(layout));
    private final MadeUpPython python = new MadeUpPython(layout).function("shop.models", "Order.__init__");

    @ParameterizedTest
    @CsvSource({
        // name of the code, module and name of the function, its name here
        "__create_fn__.<locals>.__init__, shop.models, Order.__init__, shop.models.Order.__init__",
        "rule, rules, rule, rules.rule",
        "f, __main__, f, f",
        "<lambda>, namedtuple_Pair, Pair.__new__, Pair.__new__",
        "<lambda>, shop, Order.__new__, <lambda>",
        "<lambda>, rules, <lambda>, rules.<lambda>",
        "wraps.<locals>.wrapper, shop, Order.search, wraps.<locals>.wrapper",
        "rule, rules, '', rule"
    })
    void theNameIsTheFunctionsWhereItIsThatOfItsCode(String code, String module, String function, String name) {
        assertThat(python.function(module, function).nameOfFunction(code)).isEqualTo(name);
    }

    /** From 3.11 on; without a module's globals a function has None for one. */
    @ParameterizedTest
    @ValueSource(ints = {11, 12})
    void aFunctionMayHaveNoModule(int minor) {
        MadeUpPython made = new MadeUpPython(MadeUpPython.layout(minor)).function("", "Order.__init__");
        assertThat(made.nameOfFunction(OF_CODE)).isEqualTo("Order.__init__");
        assertThat(made.object(MODULE, BuiltinType.TUPLE).nameOfFunction(OF_CODE))
                .isEqualTo("Order.__init__");
        assertThat(made.word(
                                FUNCTION
                                        + Objects.requireNonNull(FunctionLayout.of(MadeUpPython.layout(minor)))
                                                .module(),
                                0)
                        .nameOfFunction(OF_CODE))
                .isEqualTo("Order.__init__");
    }

    @Test
    void framesOfOlderVersionsKnowNoFunction() {
        PythonLayout old = MadeUpPython.layout(10);
        assertThat(FunctionLayout.of(old)).isNull();
        assertThat(new MadeUpPython(old).nameOfFunction("__init__")).isEqualTo("__init__");
    }

    @Test
    void whatIsNoFunctionOfTheCodeGivesItNoName() {
        assertThat(python.nameOfFunction(OF_CODE)).isNotEqualTo(OF_CODE);
        assertThat(python.word(FUNCTION + functions.code(), CODE + 8).nameOfFunction(OF_CODE))
                .isEqualTo(OF_CODE);
        python.function("shop", "Order.__init__").object(FUNCTION, BuiltinType.CODE);
        assertThat(python.nameOfFunction(OF_CODE)).isEqualTo(OF_CODE);
        python.function("shop", "Order.__init__").object(FUNCTION_NAME, BuiltinType.BYTES);
        assertThat(python.nameOfFunction(OF_CODE)).isEqualTo(OF_CODE);
        python.function("shop", "Order.__init__").word(FUNCTION + functions.qualifiedName(), -1);
        assertThat(python.nameOfFunction(OF_CODE)).isEqualTo(OF_CODE);
    }

    /** Its memory is that of another function of the same code by the second time that it is looked at. */
    @Test
    void aFunctionThatChangesWhileItIsReadGivesNoName() {
        AtomicInteger heads = new AtomicInteger();
        CodeMemory changing = (address, to, at, length) -> {
            if (address == FUNCTION && heads.incrementAndGet() == 2) {
                python.word(FUNCTION + functions.module(), FUNCTION_NAME);
            }
            return python.memory().read(address, to, at, length);
        };
        assertThat(new CodeObjects(layout, changing).nameOfFunction(FUNCTION, CODE, OF_CODE))
                .isEqualTo(OF_CODE);
        assertThat(heads).hasValue(2);
    }
}
