package io.perfagent.runtime.cpython;

import io.perfagent.bpf.abi.SentCode;
import io.perfagent.model.Budget;
import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.Mapping;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.Sample;
import io.perfagent.model.SymbolMiss;
import io.perfagent.process.TargetCode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The functions of one process. One thread reads them, another has their names. */
final class ProcessFunctions implements AutoCloseable {
    /** Of a frame whose function has no name. */
    static final String STAND_IN = "[python]";

    /** Beside its texts and its table: the objects, and its lines. */
    private static final int FUNCTION_BYTES = 512;

    private static final int MOST_RETRIES = 1000;
    private static final int FIRST_WITH_TAIL_CALLS = 14;

    /** Bytes from the first instruction of a function that has not got beyond it; from 3.13 on a frame has the next one. */
    private static final int FIRST = 2;

    private static final int NO_LINE = 0;

    /** The one that is being named, and the one that is being filled. */
    private static final int INTERVALS_KEPT = 2;

    private final PythonLayout layout;
    private final int pid;
    private final SentCodes sent;
    private final TargetCode live;
    private final SentOrLive memory;
    private final CodeObjects objects;
    private final HandlerFrames handlerFrames;
    private final Budget.Kept room; // of the thread that reads, up to the end
    /** There was no room for one; of the thread that reads, as the next. */
    private boolean full;

    private int retries;
    private int interval;

    private final Map<Key, Function> functions = new ConcurrentHashMap<>();

    /** Asked for each frame of each sample: what a record has by itself takes ten times as long where it is interpreted. */
    private record Key(long code, int tag) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key that && code == that.code && tag == that.tag;
        }

        @Override
        public int hashCode() {
            return 31 * Long.hashCode(code) + tag;
        }
    }

    private static final class Function {
        /** A code object, or why it could not be read. */
        private final CodeResult code;

        private final boolean compiled;
        private final long bytes;
        /** Number of the interval of which it was met last; of the thread that reads. */
        private int metIn;
        /** Of the thread that names. */
        private final Map<Integer, Location> lines = new HashMap<>();

        Function(CodeResult code, boolean compiled, long bytes) {
            this.code = code;
            this.compiled = compiled;
            this.bytes = bytes;
        }
    }

    ProcessFunctions(int pid, Python python, SentCodes sent, Budget.Kept room) {
        this.pid = pid;
        this.sent = sent;
        this.layout = python.layout();
        this.live = new TargetCode(pid);
        this.memory = new SentOrLive(live);
        this.objects = python.codeObjects(memory);
        this.handlerFrames = new HandlerFrames(python.evaluation(), live);
        this.room = room;
    }

    void read(PythonFrames frames) {
        frames.forEach((word, detail) -> {
            Key key = new Key(PythonFrames.code(word), PythonFrames.tag(detail));
            Function known = functions.get(key);
            int at = layout.offset(PythonFrames.instruction(detail));
            Function function = known == null || isReadAgain(known) ? read(key, known, at) : known;
            if (function != null) {
                function.metIn = interval;
            }
        });
    }

    /** A sample without the frames of handlers, see {@link HandlerFrames}. */
    Sample withoutHandlers(Sample sample, List<Mapping> code) {
        return layout.minor() < FIRST_WITH_TAIL_CALLS ? sample : handlerFrames.removedFrom(sample, code);
    }

    /** One that changed while it was read, but not for ever. */
    private boolean isReadAgain(Function function) {
        return function.code == CodeMiss.GONE && retries++ < MOST_RETRIES;
    }

    /** Returns what is known of it then, null where there is no room for it. In a function compiled to C the instruction never moves. */
    private @Nullable Function read(Key key, @Nullable Function known, int at) {
        if (full) {
            return known;
        }
        CodeResult result = code(key);
        long bytes = FUNCTION_BYTES + bytes(result);
        full = !room.grow(bytes);
        if (full) {
            return known;
        }
        if (known != null) {
            room.shrink(known.bytes);
        }
        boolean compiled = at <= FIRST && objects.standsForCompiled(key.code, key.tag);
        Function function = new Function(result, compiled, bytes);
        functions.put(key, function);
        return function;
    }

    private static long bytes(CodeResult result) {
        return result instanceof CodeObject code
                ? 2L
                                * (code.name().length()
                                        + code.function().length()
                                        + code.file().length())
                        + code.lines().bytes()
                : 0;
    }

    /** What is met from now on is of the next interval. Where room is scarce, what has not been met for some is given up. */
    void beginInterval() {
        interval++;
        if (full || room.budget().scarce()) {
            functions.values().removeIf(this::isPast);
        }
        full = false;
    }

    private boolean isPast(Function function) {
        boolean past = function.metIn < interval - INTERVALS_KEPT;
        if (past) {
            room.shrink(function.bytes);
        }
        return past;
    }

    private CodeResult code(Key key) {
        SentCode copy = sent.take(pid, key.code, key.tag);
        try {
            CodeResult code = code(key, copy);
            return code instanceof CodeObject object && object.isOfText()
                    ? object.of(nameOfFunction(key.code, object.name(), copy))
                    : code;
        } finally {
            memory.put(null);
        }
    }

    /**
     * What was sent vouches for itself only: where there is more to a code object, all of it is read where it is now. What is no more has its
     * names from what was sent, and no lines.
     */
    private CodeResult code(Key key, @Nullable SentCode copy) {
        memory.put(copy);
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
    }

    /** Likewise. */
    private String nameOfFunction(long code, String name, @Nullable SentCode copy) {
        long function = copy == null ? sent.function(pid, code) : copy.function();
        memory.put(copy);
        String sentName = objects.nameOfFunction(function, code, name);
        if (!memory.readLive()) {
            return sentName;
        }
        memory.put(null);
        return objects.nameOfFunction(function, code, name);
    }

    /** Null where the frame is no function's. */
    @Nullable
    Location location(long code, long detail) {
        Function function = functions.get(new Key(code, PythonFrames.tag(detail)));
        if (function == null) {
            return unnamed(SymbolMiss.NO_ROOM);
        }
        return switch (function.code) {
            case CodeMiss miss -> unnamed(reason(miss));
            case CodeObject object when object.checksInit() -> null;
            case CodeObject object ->
                function.lines.computeIfAbsent(
                        function.compiled
                                ? NO_LINE
                                : object.lines().line(layout.offset(PythonFrames.instruction(detail))),
                        line -> location(object, line));
        };
    }

    private static Location location(CodeObject code, int line) {
        Call call = new Call(code.function(), code.name(), code.file(), line, Math.max(0, code.firstLine()));
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
