package io.perfagent.runtime.cpython;

import io.perfagent.bpf.abi.SentCode;
import io.perfagent.model.Budget;
import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.SymbolMiss;
import io.perfagent.process.TargetCode;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The functions of one process. One thread reads them, another has their names. */
final class ProcessFunctions implements AutoCloseable {
    /** Of a frame whose function has no name. */
    static final String STAND_IN = "[python]";

    /** Beside its texts and its table: the objects, and its lines. */
    private static final int FUNCTION_BYTES = 512;

    private final PythonLayout layout;
    private final int pid;
    private final SentCodes sent;
    private final TargetCode live;
    private final SentOrLive memory;
    private final CodeObjects objects;
    private final Budget.Kept room; // of the thread that reads, up to the end
    /** There was no room for one; of the thread that reads. */
    private boolean full;

    private final Map<Key, Function> functions = new ConcurrentHashMap<>();

    private record Key(long code, int tag) {}

    /**
     * A code object, or why it could not be read.
     *
     * @param lines of the thread that names
     */
    private record Function(CodeResult code, Map<Integer, Location> lines) {}

    ProcessFunctions(int pid, Python python, SentCodes sent, Budget.Kept room) {
        this.pid = pid;
        this.sent = sent;
        this.layout = python.layout();
        this.live = new TargetCode(pid);
        this.memory = new SentOrLive(live);
        this.objects = python.codeObjects(memory);
        this.room = room;
    }

    void read(PythonFrames frames) {
        frames.forEach((word, detail) -> {
            if (!full) {
                Key key = new Key(PythonFrames.code(word), PythonFrames.tag(detail));
                Function _ = functions.computeIfAbsent(key, this::read);
            }
        });
    }

    private @Nullable Function read(Key key) {
        CodeResult result = code(key);
        long bytes = result instanceof CodeObject code
                ? 2L * (code.name().length() + code.file().length())
                        + code.lines().bytes()
                : 0;
        full = !room.grow(FUNCTION_BYTES + bytes);
        return full ? null : new Function(result, new ConcurrentHashMap<>());
    }

    /**
     * What was sent vouches for itself only: where there is more to a code object, all of it is read where it is now. What is no more has its
     * names from what was sent, and no lines.
     */
    private CodeResult code(Key key) {
        SentCode copy = sent.take(pid, key.code, key.tag);
        memory.put(copy);
        try {
            CodeResult result = objects.read(key.code, key.tag);
            if (copy == null || !memory.readLive()) {
                return result;
            }
            memory.put(null);
            CodeResult now = objects.read(key.code, key.tag);
            if (now instanceof CodeObject) {
                return now;
            }
            memory.put(copy);
            CodeResult names = objects.readNames(key.code, key.tag);
            return memory.readLive() ? now : names;
        } finally {
            memory.put(null);
        }
    }

    Location location(long code, long detail) {
        Function function = functions.get(new Key(code, PythonFrames.tag(detail)));
        if (function == null) {
            return unnamed(SymbolMiss.NO_ROOM);
        }
        return switch (function.code) {
            case CodeMiss miss -> unnamed(reason(miss));
            case CodeObject object ->
                function.lines.computeIfAbsent(
                        object.lines().line(layout.offset(PythonFrames.instruction(detail))),
                        line -> location(object, line));
        };
    }

    private static Location location(CodeObject code, int line) {
        Call call = new Call(code.name(), code.file(), line, Math.max(0, code.firstLine()));
        return new Location(Location.Kind.PYTHON, 0, null, call);
    }

    private static Location unnamed(SymbolMiss miss) {
        return Location.unnamed(0, null, STAND_IN, miss);
    }

    private static SymbolMiss reason(CodeMiss miss) {
        return switch (miss) {
            case UNREADABLE -> SymbolMiss.CODE_OBJECT_UNREADABLE;
            case GONE -> SymbolMiss.CODE_OBJECT_GONE;
            case NO_CODE, MALFORMED -> SymbolMiss.NO_CODE_OBJECT;
            case TOO_LARGE -> SymbolMiss.CODE_OBJECT_TOO_LARGE;
        };
    }

    @Override
    public void close() {
        live.close();
        room.close();
    }
}
