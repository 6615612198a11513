package io.perfagent.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Location;
import io.perfagent.model.Location.Kind;
import io.perfagent.model.Module;
import io.perfagent.model.StackCount;
import io.perfagent.model.SymbolMiss;
import io.perfagent.model.WalkEnd;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of runtimes whose code has no names. */
class MadeCodeHintsTest {
    private static final Location MADE = Location.unnamed(0x7000, null, "[anon 0x7000]", SymbolMiss.NO_PERF_MAP);

    @Test
    void aLineForEachRuntime() {
        List<StackCount> stacks = List.of(
                stack("php", WalkEnd.END_OF_STACK, 60, MADE, in("/usr/bin/php8.2")),
                stack("php-fpm: pool w", WalkEnd.END_OF_STACK, 20, MADE, in("/usr/sbin/php-fpm8.2")),
                stack("worker", WalkEnd.END_OF_STACK, 10, MADE, in("/lib/libc.so.6"), in("/lib/libruby-3.1.so.3.1.2")),
                stack("python3", WalkEnd.END_OF_STACK, 20, MADE, in("/srv/torch/lib/libtorch_cpu.so")),
                stack("luajit", WalkEnd.NO_MAPPING, 30, MADE));
        assertThat(MadeCodeHints.of(stacks))
                .containsExactly(
                        "LuaJIT: 30 samples are in code that it has compiled, which has no names, 30 of them with a cut"
                                + " stack; a build with -DLUAJIT_USE_PERFTOOLS names it",
                        "oneDNN: 20 samples are in code that it has compiled, which has no names;"
                                + " ONEDNN_JIT_PROFILE=2 in its environment names it",
                        "PHP: 80 samples are in code that it has compiled, which has no names;"
                                + " opcache.jit_debug=0x10 names it",
                        "Ruby: 10 samples are in code that it has compiled, which has no names;"
                                + " from 3.2 on --yjit-perf names it");
    }

    @Test
    void nothingOfWhatIsSeldomOrNotKnown() {
        assertThat(MadeCodeHints.of(List.of(
                        stack("node", WalkEnd.END_OF_STACK, 4, MADE, in("/usr/bin/node")),
                        stack("node", WalkEnd.END_OF_STACK, 96, in("/usr/bin/node")))))
                .isEmpty();
        assertThat(MadeCodeHints.of(List.of(stack("other", WalkEnd.NO_MAPPING, 100, MADE, in("/usr/bin/other")))))
                .isEmpty();
        assertThat(MadeCodeHints.of(List.of())).isEmpty();
    }

    private static Location in(String path) {
        return new Location(Kind.NATIVE, 0x400000, new Module(0, 1, 0, path, null), new Call("f", ""));
    }

    private static StackCount stack(String thread, WalkEnd end, long count, Location... locations) {
        return new StackCount(1, 1, thread, Cgroup.UNKNOWN, List.of(locations), end, false, count);
    }
}
