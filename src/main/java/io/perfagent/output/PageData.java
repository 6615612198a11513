package io.perfagent.output;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.Measure;
import io.perfagent.model.Module;
import io.perfagent.model.PrintableName;
import io.perfagent.model.Profile;
import io.perfagent.model.RunAccount;
import io.perfagent.model.StackCount;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What the page is told, a stream of records that each stand behind those they refer to. Numbers are unsigned, seven bits a byte, the lowest
 * first; ids count from 0 for each kind of record. Texts are ids of strings, of which the first is empty.
 *
 * <pre>
 *   1 string    bytes, UTF-8 of so many
 *   2 function  kind, name, file, first line, module
 *   3 frame     function, line
 *   4 thread    PID, TID, name, container
 *   5 stack     thread, why it is cut or the empty string, samples, frames it shares with the stack before, further frames,
 *               and of these each its place among {@link Successors}, or 0 and its word: twice the id, and 1 more where it folds
 *   6 fact      what of, text
 *   7 stack of the profile that this one is compared with, as a stack
 *   0 end
 * </pre>
 *
 * Frames of a stack count from the outermost on. Stacks are sorted by their frames, so that most of each is the one before it: memory is needed
 * for the functions, and for a list of the stacks that there are.
 */
final class PageData {
    private static final int END = 0;
    private static final int STRING = 1;
    private static final int FUNCTION = 2;
    private static final int FRAME = 3;
    private static final int THREAD = 4;
    private static final int STACK = 5;
    private static final int FACT = 6;
    private static final int STACK_BEFORE = 7;

    private final RecordStream out;
    private final PythonFold fold = new PythonFold();
    private final Map<String, Integer> strings = new HashMap<>();
    private final Map<NamedFunction, Integer> functions = new HashMap<>();
    private final Map<Frame, Integer> frames = new HashMap<>();
    private final Map<SampledThread, Integer> threads = new HashMap<>();
    private final IdentityHashMap<Location, int[]> framesOf = new IdentityHashMap<>();
    private final Successors successors = new Successors();
    private final FrameList before = new FrameList();
    private final FrameList current = new FrameList();

    private record NamedFunction(CodeKind kind, String name, String file, int startLine, String module) {}

    private record Frame(int function, int line) {}

    private record SampledThread(int pid, int tid, String name, String container) {}

    private PageData(OutputStream out) {
        this.out = new RecordStream(out);
    }

    /** Writes the records and leaves the stream open. */
    static void write(Profile profile, OutputStream out) throws IOException {
        PageData data = new PageData(out);
        data.writeFacts(profile);
        data.writeStacks(List.of(), profile.stacks());
        data.end();
    }

    /** The same of two profiles. */
    static void writeDifference(Profile before, Profile after, OutputStream out) throws IOException {
        PageData data = new PageData(out);
        data.writeFacts(after);
        data.writeFact("before", String.join("; ", before.account().origin()));
        data.writeStacks(before.stacks(), after.stacks());
        data.end();
    }

    private void end() throws IOException {
        out.number(END);
        out.flush();
    }

    private void writeFacts(Profile profile) throws IOException {
        int empty = string("");
        assert empty == 0;
        RunAccount account = profile.account();
        Measure measure = profile.measure();
        writeFacts("measure", List.of(measure.type(), measure.unit(), measure.samples() ? "samples" : "weights"));
        writeFacts("comment", profile.comments());
        writeFact("start", profile.start().toString());
        writeFact("seconds", String.valueOf(profile.duration().toMillis() / 1000.0));
        writeFact("rate", String.valueOf(Math.round(profile.measure().rate())));
        writeFacts("origin", account.origin());
        writeFact("taken", account.taken());
        writeFact("complete", account.complete());
        writeFacts("lost", account.lost());
        writeFacts("python", account.python());
        writeFacts("cost", account.cost());
    }

    private void writeFacts(String of, List<String> texts) throws IOException {
        for (String text : texts) {
            writeFact(of, text);
        }
    }

    private void writeFact(String of, String text) throws IOException {
        int what = string(of);
        out.numbers(FACT, what, string(text));
    }

    /** Of two profiles, in one order: where a stack is in both, it comes twice. */
    private void writeStacks(List<StackCount> before, List<StackCount> stacks) throws IOException {
        StackOrder order = new StackOrder(this::frames);
        List<StackCount> first = sorted(before, order);
        int at = 0;
        for (StackCount stack : sorted(stacks, order)) {
            for (; at < first.size() && order.compare(first.get(at), stack) <= 0; at++) {
                writeStack(STACK_BEFORE, first.get(at));
            }
            writeStack(STACK, stack);
        }
        for (; at < first.size(); at++) {
            writeStack(STACK_BEFORE, first.get(at));
        }
    }

    private List<StackCount> sorted(List<StackCount> stacks, StackOrder order) throws IOException {
        for (StackCount stack : stacks) {
            for (Location location : stack.locations()) {
                addFrames(location);
            }
        }
        List<StackCount> sorted = new ArrayList<>(stacks);
        sorted.sort(order);
        return sorted;
    }

    private void writeStack(int record, StackCount stack) throws IOException {
        current.set(stack.locations(), fold.folded(stack.locations()), this::frames);
        int thread = thread(stack);
        int cut = string(stack.end().complete() ? "" : stack.end().description());
        int shared = current.sharedWith(before);
        out.numbers(record, thread, cut);
        out.number(stack.count());
        out.numbers(shared, current.size() - shared);
        for (int at = shared; at < current.size(); at++) {
            writeFrame(at);
        }
        before.take(current);
    }

    private void writeFrame(int at) throws IOException {
        int word = current.get(at);
        int place = successors.place(current.get(at - 2), current.get(at - 1), word);
        out.number(place);
        if (place == 0) {
            out.number(word);
        }
    }

    private int thread(StackCount stack) throws IOException {
        SampledThread thread = new SampledThread(
                stack.pid(), stack.tid(), stack.threadName(), stack.cgroup().containerId());
        Integer known = threads.get(thread);
        if (known != null) {
            return known;
        }
        int name = string(thread.name);
        out.numbers(THREAD, thread.pid, thread.tid, name, string(thread.container));
        threads.put(thread, threads.size());
        return threads.size() - 1;
    }

    /** Outermost first: one, and those that are inlined into it. */
    private void addFrames(Location location) throws IOException {
        if (!framesOf.containsKey(location)) {
            List<Call> calls = location.calls().reversed();
            int[] added = new int[calls.size()];
            for (int at = 0; at < added.length; at++) {
                added[at] = frame(location, calls.get(at));
            }
            framesOf.put(location, added);
        }
    }

    private int[] frames(Location location) {
        return Objects.requireNonNull(framesOf.get(location));
    }

    private int frame(Location location, Call call) throws IOException {
        Frame frame = new Frame(function(location, call), call.line());
        Integer known = frames.putIfAbsent(frame, frames.size());
        if (known != null) {
            return known;
        }
        out.numbers(FRAME, frame.function, frame.line);
        return frames.size() - 1;
    }

    private int function(Location location, Call call) throws IOException {
        Module module = location.module();
        NamedFunction function = new NamedFunction(
                CodeKind.of(location),
                call.function(),
                call.file(),
                call.startLine(),
                module == null ? "" : module.path());
        Integer known = functions.get(function);
        if (known != null) {
            return known;
        }
        int name = string(FunctionName.withoutPrefix(location.kind(), call));
        int file = string(function.file);
        int path = string(function.module);
        out.numbers(FUNCTION, function.kind.ordinal(), name, file, function.startLine, path);
        functions.put(function, functions.size());
        return functions.size() - 1;
    }

    private int string(String text) throws IOException {
        Integer known = strings.putIfAbsent(text, strings.size());
        if (known != null) {
            return known;
        }
        out.number(STRING);
        out.text(PrintableName.whole(text));
        return strings.size() - 1;
    }
}
