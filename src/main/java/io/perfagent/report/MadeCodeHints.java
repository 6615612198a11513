package io.perfagent.report;

import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.model.StackCount;
import io.perfagent.model.SymbolMiss;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a runtime can be started with so that the code which it makes has names or whole stacks: a line for each that a run met often. */
final class MadeCodeHints {
    /** Of a hundred samples. */
    private static final int OFTEN = 5;

    /** A runtime that compiles while it runs, by the names of its files or of the threads that run it. */
    private enum Maker {
        ERLANG("beam\\.smp|erts_.*", "Erlang", "+JPperf true names it"),
        LUAJIT("(lib)?luajit.*", "LuaJIT", "a build with -DLUAJIT_USE_PERFTOOLS names it"),
        NODE("node|(lib)?node[.0-9].*", "Node.js", "--perf-basic-prof names it"),
        ONEDNN("libtorch_cpu\\.so.*|libdnnl\\.so.*", "oneDNN", "ONEDNN_JIT_PROFILE=2 in its environment names it"),
        PHP("(lib)?php.*", "PHP", "opcache.jit_debug=0x10 names it"),
        RUBY("(lib)?ruby.*", "Ruby", "from 3.2 on --yjit-perf names it");

        private final Pattern files;
        private final String shown;
        private final String remedy;

        Maker(String files, String shown, String remedy) {
            this.files = Pattern.compile(files);
            this.shown = shown;
            this.remedy = remedy;
        }

        static @Nullable Maker of(String name) {
            for (Maker runtime : values()) {
                if (runtime.files.matcher(name).matches()) {
                    return runtime;
                }
            }
            return null;
        }
    }

    private MadeCodeHints() {}

    static List<String> of(List<StackCount> stacks) {
        Map<Maker, Long> unnamed = new EnumMap<>(Maker.class);
        Map<Maker, Long> cut = new EnumMap<>(Maker.class);
        long samples = 0;
        for (StackCount stack : stacks) {
            samples += stack.count();
            Maker runtime = hasMadeCode(stack) ? runtime(stack) : null;
            if (runtime != null) {
                unnamed.merge(runtime, stack.count(), Long::sum);
                cut.merge(runtime, stack.end().complete() ? 0 : stack.count(), Long::sum);
            }
        }
        List<String> lines = new ArrayList<>();
        for (Map.Entry<Maker, Long> one : unnamed.entrySet()) {
            if (one.getValue() * 100 >= samples * OFTEN) {
                lines.add(line(one.getKey(), one.getValue(), cut.getOrDefault(one.getKey(), 0L)));
            }
        }
        return lines;
    }

    private static String line(Maker runtime, long unnamed, long cut) {
        return runtime.shown + ": " + unnamed + " samples are in code that it has compiled, which has no names"
                + (cut > 0 ? ", " + cut + " of them with a cut stack" : "") + "; " + runtime.remedy;
    }

    private static boolean hasMadeCode(StackCount stack) {
        return stack.locations().stream().anyMatch(location -> location.miss() == SymbolMiss.NO_PERF_MAP);
    }

    private static @Nullable Maker runtime(StackCount stack) {
        for (Location location : stack.locations()) {
            Module module = location.module();
            Maker runtime = module == null ? null : Maker.of(fileName(module.path()));
            if (runtime != null) {
                return runtime;
            }
        }
        return Maker.of(stack.threadName());
    }

    private static String fileName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
