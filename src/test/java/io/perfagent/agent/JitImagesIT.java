package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import io.perfagent.testing.Names;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Code that a program loads at run time and describes by GDB's JIT interface, a part of it during the run. */
class JitImagesIT {
    private static final Path PROGRAMS = Path.of("target", "workloads").toAbsolutePath();
    private static final List<String> FUNCTIONS = List.of("leaf", "middle", "handler");
    private static final int SAMPLES_OF_EACH = 400;

    @Test
    void stacksAndNamesOfBoth() throws Exception {
        List<String> command = List.of(program("jitted"), program("jitted_one.o"), program("jitted_two.o"));
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            ProfiledRun run = ProfiledRun.during(target.pid(), samples -> {
                ProfiledRun.await(samples, SAMPLES_OF_EACH);
                Tool.output("kill", "-USR1", Integer.toString(target.pid()));
                ProfiledRun.await(samples, samples.get() + SAMPLES_OF_EACH);
            });
            Set<String> objects = new TreeSet<>();
            long all = 0;
            long complete = 0;
            for (StackCount stack : run.profile().stacks()) {
                all += stack.count();
                if (stack.end().complete() && !stack.guessed()) {
                    complete += stack.count();
                    objects.addAll(expectChain(stack));
                }
            }
            assertThat((double) complete / all).as("complete").isGreaterThanOrEqualTo(0.97);
            assertThat(objects).containsExactly("_one", "_two");
        }
    }

    /** Of the one object or of the other, and main last; which of them. */
    private static Set<String> expectChain(StackCount stack) {
        Set<String> objects = new TreeSet<>();
        List<String> functions = stack.locations().stream()
                .filter(location -> location.kind() != Location.Kind.KERNEL)
                .map(Names::of)
                .toList();
        List<String> chain = functions.stream()
                .filter(name -> FUNCTIONS.stream().anyMatch(name::startsWith))
                .toList();
        for (String name : chain) {
            objects.add(name.substring(name.indexOf('_')));
        }
        assertThat(functions).contains("main");
        assertThat(objects).as("%s", functions).hasSizeLessThanOrEqualTo(1);
        List<String> bare =
                chain.stream().map(name -> name.substring(0, name.indexOf('_'))).toList();
        assertThat(bare).isEqualTo(FUNCTIONS.subList(FUNCTIONS.size() - bare.size(), FUNCTIONS.size()));
        return objects;
    }

    private static String program(String name) {
        return PROGRAMS.resolve(name).toString();
    }
}
