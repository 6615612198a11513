package io.perfagent.output;

import io.perfagent.model.Call;
import io.perfagent.model.Dump;
import io.perfagent.model.KernelCall;
import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.model.ProcessDump;
import io.perfagent.model.ThreadStack;
import java.io.IOException;
import java.io.OutputStream;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A dump for programs: one JSON document with all that is known. Its names are part of what users rely on; docs/user/dump.md has them. */
public final class DumpJson {
    private static final int NANOS_PER_MILLI = 1_000_000;

    private final JsonStream json;
    private final PythonFold fold = new PythonFold();

    private DumpJson(OutputStream out) {
        this.json = new JsonStream(out);
    }

    public static void write(Dump dump, OutputStream out) throws IOException {
        DumpJson to = new DumpJson(out);
        to.put(dump);
        to.json.flush();
        out.write('\n');
        out.flush();
    }

    private void put(Dump dump) throws IOException {
        json.open('{');
        json.name("time").value(dump.time().toString());
        json.name("read_ms")
                .raw(String.format(Locale.ROOT, "%.3f", (double) dump.took().toNanos() / NANOS_PER_MILLI));
        json.name("stopped_ms").value(0);
        json.name("threads_left_out").value(dump.leftOut());
        json.name("processes").open('[');
        for (ProcessDump process : dump.processes()) {
            put(process);
        }
        json.close(']').close('}');
    }

    private void put(ProcessDump process) throws IOException {
        json.open('{');
        json.name("pid").value(process.pid());
        json.name("command").value(process.command());
        json.name("python");
        textOrNull(process.python());
        json.name("gil_holders");
        putTids(process.gilHolders());
        json.name("threads").open('[');
        for (ThreadStack thread : process.threads()) {
            put(thread);
        }
        json.close(']').close('}');
    }

    private void putTids(@Nullable List<Integer> tids) throws IOException {
        if (tids == null) {
            json.raw("null");
            return;
        }
        json.open('[');
        for (int tid : tids) {
            json.value(tid);
        }
        json.close(']');
    }

    private void put(ThreadStack thread) throws IOException {
        json.open('{');
        json.name("tid").value(thread.tid());
        json.name("name").value(thread.name());
        json.name("state").value(thread.activity().label());
        KernelCall call = thread.call();
        json.name("call");
        textOrNull(call == null ? "" : call.name());
        json.name("subject");
        textOrNull(call == null ? "" : call.subject());
        json.name("waits_for_gil").value(thread.waitsForGil());
        json.name("read").value(thread.source().label());
        json.name("complete").value(thread.complete());
        json.name("guessed").value(thread.guessed());
        json.name("cut");
        textOrNull(cut(thread));
        json.name("python_frames");
        textOrNull(thread.python().description());
        json.name("frames").open('[');
        put(thread.frames());
        json.close(']').close('}');
    }

    private static String cut(ThreadStack thread) {
        String reason = thread.source().reason();
        return reason.isEmpty() && !thread.end().complete() ? thread.end().description() : reason;
    }

    private void put(List<Location> frames) throws IOException {
        BitSet folded = fold.folded(frames);
        for (int at = 0; at < frames.size(); at++) {
            for (Call call : frames.get(at).calls()) {
                put(frames.get(at), call, folded.get(at));
            }
        }
    }

    private void put(Location frame, Call call, boolean folded) throws IOException {
        Module module = frame.module();
        json.open('{');
        json.name("kind").value(frame.kind().name().toLowerCase(Locale.ROOT));
        json.name("function").value(call.function());
        json.name("file");
        textOrNull(call.file());
        json.name("line").raw(call.line() > 0 ? Integer.toString(call.line()) : "null");
        json.name("module");
        textOrNull(module == null ? "" : module.path());
        json.name("address").raw(frame.address() == 0 ? "null" : "\"0x" + Long.toHexString(frame.address()) + "\"");
        json.name("interpreter").value(folded);
        json.close('}');
    }

    private void textOrNull(String text) throws IOException {
        if (text.isEmpty()) {
            json.raw("null");
        } else {
            json.value(text);
        }
    }
}
