package io.perfagent.push;

import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.profiles.v1development.ProfilesDictionary;
import io.perfagent.output.proto.ProfileProto;
import io.perfagent.push.series.QualifiedNames;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** What is measured for each stack: functions, files and lines, leaf first. */
final class StackSums {
    private final Map<String, Long> sums = new TreeMap<>();
    private final boolean modules;

    StackSums() {
        this(false);
    }

    private StackSums(boolean modules) {
        this.modules = modules;
    }

    /** Names of Python functions get their modules, as for a store that knows functions by their names only. */
    static StackSums withModules() {
        return new StackSums(true);
    }

    /** Of a file for pprof, compressed or not: the last of each sample's values. */
    void addPprof(byte[] file) throws IOException {
        ProfileProto.Profile profile = ProfileProto.Profile.parseFrom(
                file[0] == 0x1f ? new GZIPInputStream(new ByteArrayInputStream(file)).readAllBytes() : file);
        Map<Long, ProfileProto.Location> locations = profile.getLocationList().stream()
                .collect(Collectors.toMap(ProfileProto.Location::getId, location -> location));
        Map<Long, ProfileProto.Function> functions = profile.getFunctionList().stream()
                .collect(Collectors.toMap(ProfileProto.Function::getId, function -> function));
        for (ProfileProto.Sample sample : profile.getSampleList()) {
            StringBuilder stack = new StringBuilder();
            for (long id : sample.getLocationIdList()) {
                for (ProfileProto.Line line : locations.get(id).getLineList()) {
                    ProfileProto.Function function = functions.get(line.getFunctionId());
                    add(
                            stack,
                            profile.getStringTable((int) function.getName()),
                            profile.getStringTable((int) function.getFilename()),
                            line.getLine());
                }
            }
            sums.merge(stack.toString(), sample.getValue(sample.getValueCount() - 1), Long::sum);
        }
    }

    /** Of a message of OpenTelemetry: samples times the period; names of Python functions get the prefix that files have. */
    void addOtlp(ExportProfilesServiceRequest message) {
        ProfilesDictionary tables = message.getDictionary();
        message.getResourceProfilesList().stream()
                .flatMap(resource -> resource.getScopeProfilesList().stream())
                .flatMap(scope -> scope.getProfilesList().stream())
                .forEach(profile -> profile.getSamplesList().forEach(sample -> {
                    StringBuilder stack = new StringBuilder();
                    tables.getStackTable(sample.getStackIndex())
                            .getLocationIndicesList()
                            .forEach(at -> {
                                var location = tables.getLocationTable(at);
                                boolean python = location.getAttributeIndicesList().stream()
                                        .anyMatch(attribute -> tables.getAttributeTable(attribute)
                                                .getValue()
                                                .getStringValue()
                                                .equals("cpython"));
                                location.getLinesList().forEach(line -> {
                                    var function = tables.getFunctionTable(line.getFunctionIndex());
                                    add(
                                            stack,
                                            (python ? "py::" : "") + tables.getStringTable(function.getNameStrindex()),
                                            tables.getStringTable(function.getFilenameStrindex()),
                                            line.getLine());
                                });
                            });
                    sums.merge(stack.toString(), sample.getValues(0) * profile.getPeriod(), Long::sum);
                }));
    }

    private void add(StringBuilder stack, String name, String file, long line) {
        stack.append(modules && name.startsWith("py::") ? qualified(name, file) : name)
                .append(" (")
                .append(file)
                .append(':')
                .append(line)
                .append(")\n");
    }

    /** What has no name of its own has that of its file in files, and that of its module here. */
    private static String qualified(String name, String file) {
        String module = QualifiedNames.module(file);
        return module.isEmpty() ? name : name.replaceFirst("^(py::<[a-z]+>) .*", "$1") + " " + module;
    }

    /** The first stacks that others have more or less of; nothing where all are equal. */
    List<String> differences(StackSums others) {
        Map<String, Long> all = new TreeMap<>(sums);
        all.putAll(others.sums);
        return all.keySet().stream()
                .filter(stack -> !Objects.equals(sums.get(stack), others.sums.get(stack)))
                .map(stack -> sums.get(stack) + " here, " + others.sums.get(stack) + " there: " + stack)
                .limit(2)
                .toList();
    }

    /** Nanoseconds by stack. */
    Map<String, Long> sums() {
        return sums;
    }

    long total() {
        return sums.values().stream().mapToLong(Long::longValue).sum();
    }
}
