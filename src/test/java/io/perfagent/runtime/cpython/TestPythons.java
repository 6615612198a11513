package io.perfagent.runtime.cpython;

import io.perfagent.testing.Interpreter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Every interpreter that there is, those too that have no trampoline, and a debug build. */
final class TestPythons {
    private static final Path DEBUG = Path.of("target", "interpreters", "special", "debug3.14");

    private TestPythons() {}

    static List<Interpreter> all() {
        List<Interpreter> all = new ArrayList<>(Interpreter.readable());
        all.add(new Interpreter("debian-3.14-debug", "3.14", "shared", DEBUG));
        return all;
    }
}
