package io.perfagent.runtime.cpython;

import io.perfagent.testing.Interpreter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.TestInfo;

/** Every interpreter that there is, those too that have no trampoline, and a debug build. */
final class TestPythons {
    private static final Path DEBUG = Path.of("target", "interpreters", "special", "debug3.14");

    private TestPythons() {}

    static List<Interpreter> all() {
        return withDebugBuild(Interpreter.readable());
    }

    /** One of each minor version, and the debug build. */
    static List<Interpreter> spread(TestInfo test) {
        return withDebugBuild(Interpreter.spread(Interpreter.readable(), test));
    }

    private static List<Interpreter> withDebugBuild(List<Interpreter> interpreters) {
        List<Interpreter> all = new ArrayList<>(interpreters);
        all.add(new Interpreter("debian-3.14-debug", "3.14", "shared", DEBUG));
        return all;
    }
}
