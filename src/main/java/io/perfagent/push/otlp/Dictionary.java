package io.perfagent.push.otlp;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.profiles.v1development.Function;
import io.opentelemetry.proto.profiles.v1development.KeyValueAndUnit;
import io.opentelemetry.proto.profiles.v1development.Line;
import io.opentelemetry.proto.profiles.v1development.Link;
import io.opentelemetry.proto.profiles.v1development.Mapping;
import io.opentelemetry.proto.profiles.v1development.ProfilesDictionary;
import io.opentelemetry.proto.profiles.v1development.Stack;
import io.opentelemetry.proto.profiles.v1development.ValueType;
import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.model.PrintableName;
import io.perfagent.output.FunctionName;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The tables that all profiles of a request refer to. No receiver checks an index: each comes from here. */
final class Dictionary {
    private final Table<String> strings = new Table<>("");
    private final Table<Function> functions = new Table<>(Function.getDefaultInstance());
    private final Table<Mapping> mappings = new Table<>(Mapping.getDefaultInstance());
    private final Table<io.opentelemetry.proto.profiles.v1development.Location> locations =
            new Table<>(io.opentelemetry.proto.profiles.v1development.Location.getDefaultInstance());
    private final Table<Stack> stacks = new Table<>(Stack.getDefaultInstance());
    private final Table<KeyValueAndUnit> attributes = new Table<>(KeyValueAndUnit.getDefaultInstance());
    private final IdentityHashMap<Location, Integer> seen = new IdentityHashMap<>();
    private final Map<Module, Integer> modules = new HashMap<>();
    private final Map<String, Integer> frameTypes = new HashMap<>();

    ProfilesDictionary built() {
        return ProfilesDictionary.newBuilder()
                .addAllStringTable(strings.elements())
                .addAllFunctionTable(functions.elements())
                .addAllMappingTable(mappings.elements())
                .addAllLocationTable(locations.elements())
                .addAllStackTable(stacks.elements())
                .addAllAttributeTable(attributes.elements())
                .addLinkTable(Link.getDefaultInstance())
                .build();
    }

    ValueType valueType(String type, String unit) {
        return ValueType.newBuilder()
                .setTypeStrindex(string(type))
                .setUnitStrindex(string(unit))
                .build();
    }

    int stack(List<Location> frames) {
        Stack.Builder stack = Stack.newBuilder();
        frames.forEach(frame -> stack.addLocationIndices(seen.computeIfAbsent(frame, this::location)));
        return stacks.index(stack.build());
    }

    int attribute(String key, String text) {
        return attribute(key, AnyValue.newBuilder().setStringValue(PrintableName.whole(text)));
    }

    int attribute(String key, long number) {
        return attribute(key, AnyValue.newBuilder().setIntValue(number));
    }

    private int attribute(String key, AnyValue.Builder value) {
        return attributes.index(KeyValueAndUnit.newBuilder()
                .setKeyStrindex(string(key))
                .setValue(value)
                .build());
    }

    private int string(String text) {
        return strings.index(PrintableName.whole(text));
    }

    private int location(Location location) {
        Module module = location.module();
        io.opentelemetry.proto.profiles.v1development.Location.Builder built =
                io.opentelemetry.proto.profiles.v1development.Location.newBuilder()
                        .setMappingIndex(module == null ? 0 : modules.computeIfAbsent(module, this::mapping))
                        .setAddress(location.address())
                        .addAttributeIndices(frameTypes.computeIfAbsent(
                                frameType(location), type -> attribute("profile.frame.type", type)));
        for (Call call : location.calls()) {
            built.addLines(
                    Line.newBuilder().setFunctionIndex(function(location, call)).setLine(call.line()));
        }
        return locations.index(built.build());
    }

    private int function(Location location, Call call) {
        return functions.index(Function.newBuilder()
                .setNameStrindex(string(FunctionName.withoutPrefix(location.kind(), call)))
                .setSystemNameStrindex(string(call.symbol()))
                .setFilenameStrindex(string(call.file()))
                .setStartLine(call.startLine())
                .build());
    }

    private int mapping(Module module) {
        Mapping.Builder mapping = Mapping.newBuilder()
                .setMemoryStart(module.start())
                .setMemoryLimit(module.end())
                .setFileOffset(module.fileOffset())
                .setFilenameStrindex(string(module.path()));
        if (module.buildId() != null) {
            mapping.addAttributeIndices(attribute(
                    "process.executable.build_id.gnu", module.buildId().hex()));
        }
        return mappings.index(mapping.build());
    }

    /** As the conventions call them. */
    private static String frameType(Location location) {
        if (location.kind() == Location.Kind.PYTHON) {
            return "cpython";
        }
        return location.isInKernel() ? "kernel" : "native";
    }
}
