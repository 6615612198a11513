package io.perfagent.bpf.abi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The constants of rows and rules, checked by a C compiler that reads the contract. */
class RowAbiTest {
    private static final List<String> RULE_FIELDS = List.of(
            "cfa_op",
            "cfa_register",
            "rbp_op",
            "rbx_op",
            "cfa_offset",
            "cfa_addend",
            "rbp_offset",
            "rbx_offset",
            "ra_offset");

    @Test
    void rows() throws Exception {
        assertThat(compile(constants(UnwindRow.class))).isEmpty();
    }

    @Test
    void rules() throws Exception {
        StringBuilder program =
                new StringBuilder("_Static_assert(sizeof(struct unwind_rule) == " + RuleLayout.SIZE + ", \"\");\n");
        for (String field : RULE_FIELDS) {
            String constant = field.equals("cfa_register") ? "CFA_REGISTER_NUMBER" : field.toUpperCase(Locale.ROOT);
            program.append("_Static_assert(__builtin_offsetof(struct unwind_rule, " + field + ") == "
                    + RuleLayout.class.getField(constant).getInt(null) + ", \"\");\n");
        }
        assertThat(compile(program.toString())).isEmpty();
        for (String name : List.of(
                "CFA_REGISTER",
                "CFA_DEREF",
                "CFA_PLT",
                "CFA_SIGNAL",
                "CFA_OTHER_STACK",
                "CFA_POPPED",
                "SAVED_UNCHANGED",
                "SAVED_AT_CFA",
                "SAVED_AT_RBP",
                "SAVED_UNDEFINED")) {
            int value = RuleLayout.class.getField(name).getInt(null);
            assertThat(compile("_Static_assert(" + name + " == " + value + ", \"\");\n"))
                    .isEmpty();
        }
    }

    @Test
    void differencesAreNoticed() throws Exception {
        assertThat(compile("_Static_assert(ROW_STOP == 2, \"\");\n")).contains("static");
    }

    private static String constants(Class<?> type) throws IllegalAccessException {
        StringBuilder program = new StringBuilder();
        for (Field field : type.getFields()) {
            program.append("_Static_assert(" + field.getName() + " == " + field.getInt(null) + ", \"\");\n");
        }
        return program.toString();
    }

    /** Returns what the compiler has to say. */
    private static String compile(String assertions) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "clang",
                        "-fsyntax-only",
                        "-x",
                        "c",
                        "-include",
                        Path.of("bpf/abi.h").toString(),
                        "-")
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().write(assertions.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor() == 0).isEqualTo(output.isEmpty());
        return output;
    }
}
