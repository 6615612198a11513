package io.perfagent.output;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Encodes a profile as Speedscope reads it (its file-format-schema.json): one profile of sampled stacks, weighed in what its samples are measured in.
 *
 * <pre>
 *   {"$schema": …, "profiles": [{"samples": [[thread, outermost, …, leaf], …], "weights": […]}], "shared": {"frames": [{"name", "file", "line"}, …]}}
 * </pre>
 *
 * The thread's name is the outermost frame, so that threads can be told apart and seen as one; where callers are missing a frame says so in their place.
 * A frame is a function, with the line where it begins. Frames come last, for what they are is known only when the stacks are written.
 */
final class SpeedscopeEncoder {
    private static final String SCHEMA = "https://www.speedscope.app/file-format-schema.json";

    private static final Set<String> UNITS = Set.of("nanoseconds", "microseconds", "milliseconds", "seconds", "bytes");

    private final JsonStream json;
    private final Profile profile;
    private final long period;
    private final Map<Frame, Integer> frames = new LinkedHashMap<>();
    private final IdentityHashMap<Location, int[]> known = new IdentityHashMap<>();
    private final Map<String, Integer> threads = new HashMap<>();

    private record Frame(String name, String file, int line) {}

    private SpeedscopeEncoder(Profile profile, OutputStream out) {
        this.profile = profile;
        this.json = new JsonStream(out);
        this.period = profile.measure().period();
    }

    static void write(Profile profile, OutputStream out) throws IOException {
        new SpeedscopeEncoder(profile, out).write();
    }

    private void write() throws IOException {
        json.open('{').name("$schema").value(SCHEMA);
        json.name("exporter").value(String.join("; ", profile.account().origin()));
        json.name("name").value(String.join("; ", profile.comments()));
        json.name("profiles").open('[');
        writeStacks();
        json.close(']').name("shared").open('{').name("frames").open('[');
        for (Frame frame : frames.keySet()) {
            writeFrame(frame);
        }
        json.close(']').close('}').close('}');
        json.flush();
    }

    private void writeStacks() throws IOException {
        long samples = 0;
        json.open('{').name("type").value("sampled").name("name").value(what());
        json.name("unit").value(unit()).name("startValue").value(0);
        json.name("weights").open('[');
        for (StackCount stack : profile.stacks()) {
            samples += stack.count();
            json.value(stack.count() * period);
        }
        json.close(']').name("endValue").value(samples * period);
        json.name("samples").open('[');
        for (StackCount stack : profile.stacks()) {
            writeStack(stack);
        }
        json.close(']').close('}');
    }

    private String what() {
        String type = profile.measure().type();
        return type.equals("cpu") ? "CPU time" : type;
    }

    /** Of the schema's; what it does not know has none. */
    private String unit() {
        String unit = profile.measure().unit();
        return UNITS.contains(unit) ? unit : "none";
    }

    private void writeStack(StackCount stack) throws IOException {
        json.open('[');
        if (stack.hasThread()) {
            json.value(threads.computeIfAbsent(stack.threadName(), name -> frame(new Frame(name, "", 0))));
        }
        if (!stack.end().complete()) {
            json.value(frame(new Frame("[cut: " + stack.end().description() + "]", "", 0)));
        }
        for (Location location : stack.locations().reversed()) {
            for (int frame : known.computeIfAbsent(location, this::frames)) {
                json.value(frame);
            }
        }
        json.close(']');
    }

    /** Outermost first. */
    private int[] frames(Location location) {
        List<Call> calls = location.calls().reversed();
        return calls.stream().mapToInt(call -> frame(frame(location, call))).toArray();
    }

    /** Speedscope colours by file: of C that is the binary. */
    private static Frame frame(Location location, Call call) {
        Module module = location.module();
        String file = call.file().isEmpty() && module != null ? module.path() : call.file();
        return new Frame(FunctionName.of(location.kind(), call), file, call.startLine());
    }

    private int frame(Frame frame) {
        Integer there = frames.putIfAbsent(frame, frames.size());
        return there == null ? frames.size() - 1 : there;
    }

    private void writeFrame(Frame frame) throws IOException {
        json.open('{').name("name").value(frame.name.isEmpty() ? "[no name]" : frame.name);
        if (!frame.file.isEmpty()) {
            json.name("file").value(frame.file);
        }
        if (frame.line > 0) {
            json.name("line").value(frame.line);
        }
        json.close('}');
    }
}
