package io.perfagent.runtime.cpython;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Interpreter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Code objects as they are read from outside against what their interpreter says of them: names, files, first lines, and the line of every
 * instruction, of the standard library and of code that has all that a table of lines may have.
 */
class LineTableOracleIT {
    /** Of some hundred modules; all of them where all interpreters are asked for. */
    private static final int MODULES = 40;

    static List<Interpreter> interpreters(TestInfo test) {
        return TestPythons.spread(test);
    }

    @ParameterizedTest
    @MethodSource("interpreters")
    void everyInstructionIsOnTheLineThatTheInterpreterSays(Interpreter interpreter) throws IOException {
        try (PythonTalk target = PythonTalk.start(interpreter, "code_objects.py")) {
            String[] begin = target.line().split(" ", -1);
            PythonLayout layout = Layouts.of(interpreter, Long.parseLong(begin[1]), target);
            CodeObjects codes = new CodeObjects(layout, target.memory());
            int instructions = compare(target.ask("odd"), codes);
            for (String module : modules(target.pid(), begin[0])) {
                instructions += compare(target.ask(module), codes);
            }
            assertThat(instructions).as("instructions compared").isGreaterThan(30_000);
            System.out.println(interpreter + ": " + instructions + " instructions on their lines");
        }
    }

    @ParameterizedTest
    @MethodSource("interpreters")
    void codeThatStandsForCompiledFunctions(Interpreter interpreter) throws IOException {
        try (PythonTalk target = PythonTalk.start(interpreter, "code_objects.py")) {
            String[] begin = target.line().split(" ", -1);
            CodeObjects codes =
                    new CodeObjects(Layouts.of(interpreter, Long.parseLong(begin[1]), target), target.memory());
            List<String> answers = target.ask("compiled");
            assertThat(answers).hasSize(4);
            for (String answer : answers) {
                String[] parts = answer.split(" ", -1);
                long address = Long.parseLong(parts[0]);
                assertThat(codes.standsForCompiled(address, Layouts.tag(codes, address)))
                        .as(parts[1])
                        .isEqualTo(parts[2].equals("True"));
            }
        }
    }

    private static List<String> modules(int pid, String library) throws IOException {
        Path root = Path.of("/proc/" + pid + "/root");
        try (Stream<Path> files = Files.walk(root.resolve(library.substring(1)))) {
            List<String> all =
                    new ArrayList<>(files.filter(file -> file.toString().endsWith(".py"))
                            .map(file -> "/" + root.relativize(file))
                            .sorted()
                            .toList());
            if (!Interpreter.everyOne()) {
                int step = all.size() / MODULES;
                all.removeIf(file -> all.indexOf(file) % step != 0);
            }
            return all;
        }
    }

    private static int compare(List<String> lines, CodeObjects codes) {
        int instructions = 0;
        for (String line : lines) {
            instructions += compare(line.split(" ", -1), codes);
        }
        return instructions;
    }

    /** How many instructions the code object has. */
    private static int compare(String[] expected, CodeObjects codes) {
        long address = Long.parseLong(expected[0]);
        String name = text(expected[2]);
        CodeResult result = codes.read(address, Layouts.tag(codes, address));
        assertThat(result).as(name).isInstanceOfSatisfying(CodeObject.class, code -> {
            assertThat(Math.max(0, code.firstLine())).as(name).isEqualTo(Integer.parseInt(expected[1]));
            assertThat(code.name()).isEqualTo(name);
            assertThat(code.file()).isEqualTo(text(expected[3]));
        });
        int count = 0;
        for (String run : expected[4].split(",", -1)) {
            String[] parts = run.split("\\*", -1);
            for (int end = count + Integer.parseInt(parts[1]); count < end; count++) {
                int found = ((CodeObject) result).lines().line(count * 2 - 2);
                if (found != Integer.parseInt(parts[0])) {
                    assertThat(found)
                            .as("line of instruction " + (count - 1) + " of " + name + " in " + text(expected[3]))
                            .isEqualTo(Integer.parseInt(parts[0]));
                }
            }
        }
        return count - 1;
    }

    private static String text(String digits) {
        byte[] bytes = digits.equals("-") ? new byte[0] : HexFormat.of().parseHex(digits);
        return new String(bytes, StandardCharsets.UTF_16LE);
    }
}
