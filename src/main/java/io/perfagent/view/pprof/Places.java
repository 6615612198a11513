package io.perfagent.view.pprof;

import io.perfagent.model.BuildId;
import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.model.SymbolMiss;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The locations of a profile, with what they refer to; each is made when it is asked for. What kind of code one is shows its name or its
 * mapping:
 *
 * <pre>
 *   py::Shop.search        Python, as perf-agent and CPython's own perf support write it
 *   [kernel.kallsyms]      a mapping of the kernel's
 *   [libc.so.6+0x29000]    no name; the same stands for a location without a function
 *   other                  native code, where a file is mapped; where none is, only our own profiles say that it is code that a program made
 * </pre>
 */
final class Places {
    private static final String PYTHON = Location.Kind.PYTHON.prefix();
    private static final String PYTHON_WITHOUT_NAME = "[python]";

    private final Tables tables;
    private final Strings strings;
    private final boolean ours;
    private final IdIndex ids;
    private final IdIndex functionIds;
    private final IdIndex mappingIds;
    private final @Nullable Location[] made;
    private final int[] firstLine; // of each location; empty where no frames are left out

    /**
     * @param ours whether perf-agent wrote the profile
     * @param dropped null where no frames are to be left out
     */
    Places(Tables tables, Strings strings, boolean ours, @Nullable DroppedFrames dropped) throws IOException {
        this.tables = tables;
        this.strings = strings;
        this.ours = ours;
        this.made = new Location[tables.locations.size()];
        this.ids = new IdIndex(made.length);
        this.functionIds = new IdIndex(tables.functions.size());
        this.mappingIds = new IdIndex(tables.mappings.size());
        addIds();
        this.firstLine = new int[dropped == null ? 0 : made.length];
        for (int at = 0; at < firstLine.length && dropped != null; at++) {
            firstLine[at] = firstLine(tables.locations.get(at), dropped);
        }
    }

    /** Which of a location's lines is the first, innermost, that stays: the one behind the last that is left out. */
    private int firstLine(Tables.Location location, DroppedFrames dropped) throws BadProfileException {
        for (int at = location.functions().length - 1; at >= 0; at--) {
            int index = functionIds.of(location.functions()[at]);
            if (index != IdIndex.NONE
                    && dropped.has(strings.get(tables.functions.get(index).name()))) {
                return at + 1;
            }
        }
        return 0;
    }

    private void addIds() throws IOException {
        for (int at = 0; at < made.length; at++) {
            ids.put("location", tables.locations.get(at).id(), at);
        }
        for (int at = 0; at < tables.functions.size(); at++) {
            Tables.Function function = tables.functions.get(at);
            functionIds.put("function", function.id(), at);
            check(function.name(), function.systemName(), function.file());
        }
        for (int at = 0; at < tables.mappings.size(); at++) {
            Tables.Mapping mapping = tables.mappings.get(at);
            mappingIds.put("mapping", mapping.id(), at);
            check(mapping.file(), mapping.buildId());
        }
    }

    private void check(int... indices) throws BadProfileException {
        for (int index : indices) {
            int _ = strings.checked(index);
        }
    }

    int count() {
        return made.length;
    }

    /** Puts a sample's locations into {@code to}, as indices, without frames that are left out; returns how many there are. */
    int indices(SampleRecord sample, int[] to) throws BadProfileException {
        for (int at = 0; at < sample.depth; at++) {
            to[at] = index(sample.locations[at]);
        }
        int from = firstLine.length == 0 ? 0 : firstKept(to, sample.depth);
        System.arraycopy(to, from, to, 0, sample.depth - from);
        return sample.depth - from;
    }

    /** From the outermost frame on up to the first that is left out, below one that is not. */
    private int firstKept(int[] locations, int depth) {
        boolean anyKept = false;
        for (int at = depth - 1; at >= 0; at--) {
            int first = firstLine[locations[at]];
            if (first > 0 && anyKept) {
                return first == tables.locations.get(locations[at]).functions().length ? at + 1 : at;
            }
            anyKept |= first == 0;
        }
        return 0;
    }

    /** The index of a location. */
    int index(long id) throws BadProfileException {
        int index = ids.of(id);
        if (index == IdIndex.NONE) {
            throw BadProfileException.damaged(
                    "a sample has location " + Long.toUnsignedString(id) + ", which is missing");
        }
        return index;
    }

    Location get(int index) {
        Location location = made[index];
        if (location == null) {
            location = make(tables.locations.get(index), linesFrom(index));
            made[index] = location;
        }
        return location;
    }

    /** A location that is left out as a whole stands nevertheless where nothing is below it that is not. */
    private int linesFrom(int index) {
        int first = firstLine.length == 0 ? 0 : firstLine[index];
        return first == tables.locations.get(index).functions().length ? 0 : first;
    }

    private Location make(Tables.Location location, int from) {
        Module module = module(location.mapping());
        List<Call> calls = calls(location, from);
        if (calls.isEmpty()) {
            return Location.unnamed(
                    location.address(), module, standIn(location.address(), module), SymbolMiss.NO_SYMBOL);
        }
        Call innermost = calls.getFirst();
        String name = innermost.function();
        if (name.startsWith("[") && name.endsWith("]") && innermost.file().isEmpty() && calls.size() == 1) {
            return Location.unnamed(
                    location.address(),
                    module,
                    name,
                    name.equals(PYTHON_WITHOUT_NAME) ? SymbolMiss.CODE_OBJECT_GONE : SymbolMiss.NO_SYMBOL);
        }
        if (name.startsWith(PYTHON) && name.length() > PYTHON.length()) {
            calls.replaceAll(Places::withoutPrefix);
            return new Location(Location.Kind.PYTHON, location.address(), module, calls, null);
        }
        return new Location(kind(module), location.address(), module, calls, null);
    }

    private Location.Kind kind(@Nullable Module module) {
        if (module == null) {
            return ours ? Location.Kind.NATIVE : Location.Kind.OTHER;
        }
        return module.path().startsWith("[kernel") ? Location.Kind.KERNEL : Location.Kind.NATIVE;
    }

    /** Those that have a name, innermost first. */
    private List<Call> calls(Tables.Location location, int from) {
        List<Call> calls = new ArrayList<>(location.functions().length);
        for (int at = from; at < location.functions().length; at++) {
            int index = functionIds.of(location.functions()[at]);
            if (index != IdIndex.NONE) {
                addCall(calls, tables.functions.get(index), location.lines()[at]);
            }
        }
        return calls;
    }

    private void addCall(List<Call> calls, Tables.Function function, int line) {
        String systemName = strings.get(function.systemName());
        String name = function.name() == 0 ? systemName : strings.get(function.name());
        if (!name.isEmpty()) {
            String symbol = systemName.isEmpty() ? name : systemName;
            calls.add(new Call(name, symbol, strings.get(function.file()), line, function.startLine()));
        }
    }

    private static Call withoutPrefix(Call call) {
        String name = call.function();
        return name.startsWith(PYTHON) && name.length() > PYTHON.length()
                ? new Call(name.substring(PYTHON.length()), call.file(), call.line(), call.startLine())
                : call;
    }

    /** Null where the file behind it has no name. */
    private @Nullable Module module(long id) {
        int index = mappingIds.of(id);
        if (index == IdIndex.NONE) {
            return null;
        }
        Tables.Mapping mapping = tables.mappings.get(index);
        String file = strings.get(mapping.file());
        String buildId = strings.get(mapping.buildId());
        return file.isEmpty()
                ? null
                : new Module(
                        mapping.start(),
                        mapping.limit(),
                        mapping.offset(),
                        file,
                        buildId.isEmpty() ? null : new BuildId(buildId));
    }

    /** Where the code is in its file. */
    private static String standIn(long address, @Nullable Module module) {
        if (module == null) {
            return address == 0 ? "[unknown]" : "[0x" + Long.toHexString(address) + "]";
        }
        String base = module.path().substring(module.path().lastIndexOf('/') + 1);
        long offset = address - module.start() + module.fileOffset();
        return "[" + base.replaceAll("^\\[|]$", "") + "+0x" + Long.toHexString(offset) + "]";
    }
}
