package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Names;
import io.perfagent.testing.TargetProgram;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Complete means true: of runtimes, and of code without call-frame information, no stack counts as whole that lacks frames. */
class RuntimesTruthIT {
    private static final int SAMPLES = 1500;
    private static final Path SOURCES =
            Path.of("src", "test", "workloads", "runtimes").toAbsolutePath();
    private static final Path PROGRAMS = Path.of("target", "workloads").toAbsolutePath();
    private static final List<String> CHAIN = List.of("leaf", "middle", "handler", "main");
    private static final List<String> LUA = List.of("lua_pcall", "lua_cpcall", "main");

    /**
     * A program.
     *
     * @param chain of functions, from the first to the last that must follow where it is on the stack; the last always is
     * @param frames of user code that a stack has at least
     * @param complete share of samples that have to be complete; how many are not but are true does not matter
     */
    record Program(String name, List<String> command, List<String> chain, int frames, double complete) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Program> programs() {
        List<Program> programs = new ArrayList<>(List.of(
                new Program("LuaJIT, interpreted", List.of("luajit", "-joff", source("chain.lua")), LUA, 10, 0.99),
                new Program("LuaJIT, compiled", List.of("luajit", source("chain.lua")), LUA, 10, 0),
                new Program("C with frame pointers alone", List.of(program("chain-frame-pointers")), CHAIN, 4, 0),
                new Program("C without anything", List.of(program("chain-bare")), CHAIN, 4, 0),
                new Program("musl, static", List.of(program("chain-musl-static")), CHAIN, 2, 0.99),
                new Program("musl, dynamic", List.of(program("chain-musl")), CHAIN, 2, 0.99)));
        if (Interpreter.everyOne()) {
            programs.add(new Program("Bun", List.of(program("runtimes/bun"), source("chain.js")), List.of(), 25, 0.95));
            programs.add(new Program("Mono", List.of("mono", program("runtimes/Chain.exe")), List.of(), 33, 0));
        }
        return programs;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("programs")
    void completeIsTrue(Program program) throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), program.command())) {
            ProfiledRun run = ProfiledRun.of(target.pid(), false, SAMPLES);
            long entry = ProfiledRun.entryPoint(target.pid());
            long all = 0;
            long complete = 0;
            long whole = 0;
            List<StackCount> wrong = new ArrayList<>();
            for (StackCount stack : run.profile().stacks()) {
                if (stack.tid() == target.pid() && stack.end() != WalkEnd.NO_USER_STACK) {
                    boolean claimed = stack.end().complete() && !stack.guessed();
                    boolean isTrue = isTrue(stack, program, entry);
                    all += stack.count();
                    complete += claimed ? stack.count() : 0;
                    whole += isTrue ? stack.count() : 0;
                    if (claimed && !isTrue) {
                        wrong.add(stack);
                    }
                }
            }
            System.out.printf(
                    Locale.ROOT,
                    "%s: %d samples, complete %.1f %%, true %.1f %% %s%n",
                    program,
                    all,
                    100.0 * complete / all,
                    100.0 * whole / all,
                    run.reasons());
            assertThat(all).as("samples").isGreaterThan(100);
            assertThat(wrong).as("complete, but not true").isEmpty();
            assertThat((double) complete / all).as("complete").isGreaterThanOrEqualTo(program.complete());
        }
    }

    private static boolean isTrue(StackCount stack, Program program, long entry) {
        List<Location> user = stack.locations().stream()
                .filter(location -> location.kind() != Location.Kind.KERNEL)
                .toList();
        List<String> functions = user.stream().map(Names::of).toList();
        return user.size() >= program.frames() && begins(user, entry) && holds(functions, program.chain());
    }

    /** In the function that the kernel has jumped to, or in libc, which has called main from there. */
    private static boolean begins(List<Location> user, long entry) {
        long first = user.getLast().address();
        boolean libc = user.size() > 1 && Names.of(user.get(user.size() - 2)).equals("main");
        return libc || (first >= entry && first < entry + 64);
    }

    private static boolean holds(List<String> functions, List<String> chain) {
        List<String> found =
                functions.stream().filter(chain::contains).distinct().toList();
        return chain.isEmpty()
                || (!found.isEmpty() && found.equals(chain.subList(chain.size() - found.size(), chain.size())));
    }

    private static String source(String name) {
        return SOURCES.resolve(name).toString();
    }

    private static String program(String name) {
        return PROGRAMS.resolve(name).toString();
    }
}
