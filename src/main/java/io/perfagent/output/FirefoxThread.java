package io.perfagent.output;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * One thread as the Firefox Profiler has it: tables whose columns are lists, and samples that are numbers of stacks.
 *
 * <pre>
 *   samples ─▶ stackTable (prefix: the caller's stack) ─▶ frameTable (line) ─▶ funcTable (name, file) ─▶ stringArray
 * </pre>
 */
final class FirefoxThread {
    private static final int NONE = -1;
    private static final BitSet NOTHING_FOLDS = new BitSet();

    private final Profile profile;
    private final List<StackCount> stacks;
    private final Map<String, Integer> strings = new LinkedHashMap<>();
    private final Map<Func, Integer> funcs = new LinkedHashMap<>();
    private final Map<Frame, Integer> frames = new LinkedHashMap<>();
    private final IdentityHashMap<Location, int[]> known = new IdentityHashMap<>();
    private final IntColumn prefixes = new IntColumn();
    private final IntColumn frameOfStack = new IntColumn();
    private final Map<String, Integer> cuts = new HashMap<>();

    private record Func(CodeKind kind, int name, int file, int line) {}

    private record Frame(int func, int line) {}

    FirefoxThread(Profile profile, List<StackCount> stacks) {
        this.profile = profile;
        this.stacks = new ArrayList<>(stacks);
    }

    void write(JsonStream json) throws IOException {
        long[] samples = samples();
        json.open('{');
        writeNames(json);
        writeSamples(json, samples);
        writeStacks(json);
        writeFrames(json);
        writeFuncs(json);
        json.name("markers")
                .raw(
                        "{\"length\":0,\"category\":[],\"data\":[],\"endTime\":[],\"name\":[],\"phase\":[],\"startTime\":[]}");
        json.name("nativeSymbols").raw("{\"length\":0,\"address\":[],\"functionSize\":[],\"libIndex\":[],\"name\":[]}");
        json.name("resourceTable").raw("{\"length\":0,\"lib\":[],\"name\":[],\"host\":[],\"type\":[]}");
        json.name("stringArray").open('[');
        for (String text : strings.keySet()) {
            json.value(text);
        }
        json.close(']').close('}');
    }

    /** In the order of their times. */
    private long[] samples() {
        for (StackCount stack : stacks) {
            stack.locations().forEach(location -> known.computeIfAbsent(location, this::framesOf));
        }
        stacks.sort(new StackOrder(this::frames));
        int[] leaves = new int[stacks.size()];
        FrameList before = new FrameList();
        FrameList current = new FrameList();
        IntColumn path = new IntColumn();
        int baseBefore = NONE;
        for (int number = 0; number < leaves.length; number++) {
            StackCount stack = stacks.get(number);
            current.set(stack.locations(), NOTHING_FOLDS, this::frames);
            int base = base(stack);
            int shared = base == baseBefore ? current.sharedWith(before) : 0;
            for (int at = shared; at < current.size(); at++) {
                path.set(at, stack(at == 0 ? base : path.get(at - 1), current.get(at) / 2));
            }
            leaves[number] = current.size() == 0 ? base : path.get(current.size() - 1);
            before.take(current);
            baseBefore = base;
        }
        return TimedSamples.of(stacks, profile.startNanos(), number -> leaves[number] + 1); // 0 for no frame at all
    }

    /** What stands for the callers that are missing. */
    private int base(StackCount stack) {
        if (stack.end().complete()) {
            return NONE;
        }
        return cuts.computeIfAbsent("[cut: " + stack.end().description() + "]", name -> {
            int func = number(funcs, new Func(CodeKind.UNNAMED, string(name), NONE, 0));
            return stack(NONE, number(frames, new Frame(func, 0)));
        });
    }

    private int stack(int prefix, int frame) {
        int _ = frameOfStack.add(frame);
        return prefixes.add(prefix);
    }

    private int[] frames(Location location) {
        return Objects.requireNonNull(known.get(location));
    }

    /** Outermost first. */
    private int[] framesOf(Location location) {
        return location.calls().reversed().stream()
                .mapToInt(call -> number(frames, new Frame(func(location, call), call.line())))
                .toArray();
    }

    /** C has no file; its binary stands for it. */
    private int func(Location location, Call call) {
        Module module = location.module();
        String file = call.file().isEmpty() && module != null ? module.path() : call.file();
        return number(
                funcs,
                new Func(
                        CodeKind.of(location),
                        string(FunctionName.withoutPrefix(location.kind(), call)),
                        file.isEmpty() ? NONE : string(file),
                        call.startLine()));
    }

    private int string(String text) {
        return number(strings, text);
    }

    private static <T> int number(Map<T, Integer> numbers, T of) {
        Integer there = numbers.putIfAbsent(of, numbers.size());
        return there == null ? numbers.size() - 1 : there;
    }

    private void writeNames(JsonStream json) throws IOException {
        StackCount first = stacks.getFirst();
        json.name("name").value(first.threadName()).name("processName").value(first.threadName());
        json.name("isMainThread")
                .value(first.pid() == first.tid())
                .name("processType")
                .value("default");
        json.name("pid").value(String.valueOf(first.pid())).name("tid").value(first.tid());
        json.name("processStartupTime").value(0).name("processShutdownTime").raw("null");
        json.name("registerTime").value(0).name("unregisterTime").raw("null");
        json.name("pausedRanges").open('[').close(']');
    }

    /** Each sample is a tick of the processor's clock, which the thread has used since the one before; or so many of another event. */
    private void writeSamples(JsonStream json, long[] samples) throws IOException {
        json.name("samples").open('{').name("length").value(samples.length);
        boolean clock = profile.measure().rate() > 0;
        json.name("weightType").value("samples");
        if (clock) {
            json.name("weight").raw("null");
        } else {
            repeat(json, "weight", Long.toString(profile.measure().period()), samples.length);
        }
        json.name("stack").open('[');
        for (long sample : samples) {
            int stack = TimedSamples.number(sample) - 1;
            json.raw(stack == NONE ? "null" : Integer.toString(stack));
        }
        json.close(']');
        if (clock) {
            repeat(json, "threadCPUDelta", Long.toString(profile.measure().period()), samples.length);
        }
        json.name("time").open('[');
        for (long sample : samples) {
            json.raw(millis(TimedSamples.micros(sample)));
        }
        json.close(']').close('}');
    }

    private static String millis(long micros) {
        String digits = Long.toString(1000 + micros % 1000);
        return micros / 1000 + "." + digits.substring(1);
    }

    private void writeStacks(JsonStream json) throws IOException {
        json.name("stackTable").open('{').name("length").value(prefixes.size());
        json.name("prefix").open('[');
        for (int at = 0; at < prefixes.size(); at++) {
            json.raw(prefixes.get(at) == NONE ? "null" : Integer.toString(prefixes.get(at)));
        }
        json.close(']').name("frame").open('[');
        for (int at = 0; at < frameOfStack.size(); at++) {
            json.value(frameOfStack.get(at));
        }
        int[] kinds = kindsOfFrames();
        json.close(']').name("category").open('[');
        for (int at = 0; at < frameOfStack.size(); at++) {
            json.value(kinds[frameOfStack.get(at)]);
        }
        repeat(json.close(']'), "subcategory", "0", frameOfStack.size());
        json.close('}');
    }

    private int[] kindsOfFrames() {
        List<Func> byNumber = List.copyOf(funcs.keySet());
        return frames.keySet().stream()
                .mapToInt(frame -> byNumber.get(frame.func).kind.ordinal())
                .toArray();
    }

    private void writeFrames(JsonStream json) throws IOException {
        int length = frames.size();
        json.name("frameTable")
                .open('{')
                .name("length")
                .value(length)
                .name("func")
                .open('[');
        for (Frame frame : frames.keySet()) {
            json.value(frame.func);
        }
        json.close(']').name("line").open('[');
        for (Frame frame : frames.keySet()) {
            json.raw(frame.line == 0 ? "null" : Integer.toString(frame.line));
        }
        json.close(']').name("category").open('[');
        for (int kind : kindsOfFrames()) {
            json.value(kind);
        }
        json.close(']');
        repeat(json, "address", "-1", length);
        for (String zero : List.of("inlineDepth", "subcategory", "innerWindowID")) {
            repeat(json, zero, "0", length);
        }
        for (String none : List.of("nativeSymbol", "implementation", "column", "optimizations")) {
            repeat(json, none, "null", length);
        }
        json.close('}');
    }

    private void writeFuncs(JsonStream json) throws IOException {
        Set<Func> all = funcs.keySet();
        json.name("funcTable")
                .open('{')
                .name("length")
                .value(all.size())
                .name("name")
                .open('[');
        for (Func func : all) {
            json.value(func.name);
        }
        json.close(']').name("isJS").open('[');
        for (Func func : all) {
            json.value(func.kind == CodeKind.PYTHON);
        }
        json.close(']').name("fileName").open('[');
        for (Func func : all) {
            json.raw(func.file == NONE ? "null" : Integer.toString(func.file));
        }
        json.close(']').name("lineNumber").open('[');
        for (Func func : all) {
            json.raw(func.line == 0 ? "null" : Integer.toString(func.line));
        }
        json.close(']');
        repeat(json, "relevantForJS", "false", all.size());
        repeat(json, "resource", "-1", all.size());
        repeat(json, "columnNumber", "null", all.size());
        json.close('}');
    }

    private static void repeat(JsonStream json, String name, String value, int times) throws IOException {
        json.name(name).open('[');
        for (int at = 0; at < times; at++) {
            json.raw(value);
        }
        json.close(']');
    }
}
