package io.perfagent.output;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.PrintableName;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Encodes a profile as folded stacks: a line for each, outermost function first, and how many samples have it.
 *
 * <pre>
 *   gunicorn;_start;main;py::handle;py::render;read;vfs_read_[k] 42
 *   gunicorn;[cut: mapping without unwind table];parse 3
 * </pre>
 *
 * The thread's name comes first, and functions of the kernel end in {@code _[k]}, as those who draw flame graphs expect it (Gregg's
 * stackcollapse-perf.pl, async-profiler). The format has no labels: threads of one name are one here, and what is cut says so where its
 * callers would be. Equal stacks are brought together by sorting, which takes no room beside that of the profile.
 */
final class FoldedEncoder {
    private final Writer out;
    private final IdentityHashMap<Location, String> texts = new IdentityHashMap<>();

    private FoldedEncoder(Writer out) {
        this.out = out;
    }

    static void write(Profile profile, OutputStream to) throws IOException {
        Writer out = new BufferedWriter(new OutputStreamWriter(to, StandardCharsets.UTF_8));
        new FoldedEncoder(out).write(profile.stacks());
        out.flush();
    }

    /** With two numbers behind each stack, as Gregg's difffolded.pl writes them: samples before, and after. */
    static void writeDifference(Profile before, Profile after, OutputStream to) throws IOException {
        Writer out = new BufferedWriter(new OutputStreamWriter(to, StandardCharsets.UTF_8));
        FoldedEncoder encoder = new FoldedEncoder(out);
        encoder.write(encoder.sorted(before.stacks()), encoder.sorted(after.stacks()));
        out.flush();
    }

    private List<StackCount> sorted(List<StackCount> stacks) {
        return stacks.stream().sorted(this::compare).toList();
    }

    private void write(List<StackCount> before, List<StackCount> after) throws IOException {
        int at = 0;
        for (int other = 0; at < before.size() || other < after.size(); ) {
            StackCount stack = firstOf(before, at, after, other);
            long samplesBefore = 0;
            for (; at < before.size() && compare(stack, before.get(at)) == 0; at++) {
                samplesBefore += before.get(at).count();
            }
            long samplesAfter = 0;
            for (; other < after.size() && compare(stack, after.get(other)) == 0; other++) {
                samplesAfter += after.get(other).count();
            }
            out.write(line(stack) + " " + samplesBefore + " " + samplesAfter + "\n");
        }
    }

    /** Of two lists that are sorted, from a place on in each. */
    private StackCount firstOf(List<StackCount> one, int at, List<StackCount> other, int otherAt) {
        if (at == one.size() || otherAt == other.size()) {
            return at == one.size() ? other.get(otherAt) : one.get(at);
        }
        return compare(one.get(at), other.get(otherAt)) <= 0 ? one.get(at) : other.get(otherAt);
    }

    private void write(List<StackCount> stacks) throws IOException {
        List<StackCount> sorted = sorted(stacks);
        long samples = 0;
        for (int at = 0; at < sorted.size(); at++) {
            StackCount stack = sorted.get(at);
            samples += stack.count();
            if (at + 1 == sorted.size() || compare(stack, sorted.get(at + 1)) != 0) {
                writeLine(stack, samples);
                samples = 0;
            }
        }
    }

    private void writeLine(StackCount stack, long samples) throws IOException {
        out.write(line(stack) + " " + samples + "\n");
    }

    private String line(StackCount stack) {
        List<String> words = new ArrayList<>();
        if (stack.hasThread()) {
            words.add(word(stack.threadName()));
        }
        if (!stack.end().complete()) {
            words.add(cut(stack));
        }
        for (Location location : stack.locations().reversed()) {
            words.add(text(location));
        }
        return words.isEmpty() ? "[no frames]" : String.join(";", words);
    }

    /** By what is written, from the outermost function on. */
    private int compare(StackCount one, StackCount other) {
        int order = one.threadName().compareTo(other.threadName());
        order = order != 0 ? order : cut(one).compareTo(cut(other));
        List<Location> locations = one.locations();
        List<Location> others = other.locations();
        for (int left = locations.size(), right = others.size(); order == 0 && left > 0 && right > 0; ) {
            order = compare(locations.get(--left), others.get(--right));
        }
        return order != 0 ? order : Integer.compare(locations.size(), others.size());
    }

    /** Locations are mostly the same objects again and again, so identity is asked first. */
    @SuppressWarnings("ReferenceEquality") // different ones are compared
    private int compare(Location one, Location other) {
        return one == other ? 0 : text(one).compareTo(text(other));
    }

    private String text(Location location) {
        return texts.computeIfAbsent(location, FoldedEncoder::functions);
    }

    private static String functions(Location location) {
        return location.calls().reversed().stream()
                .map(call -> function(location.kind(), call))
                .collect(Collectors.joining(";"));
    }

    private static String function(Location.Kind kind, Call call) {
        return word(FunctionName.of(kind, call)) + (kind == Location.Kind.KERNEL ? "_[k]" : "");
    }

    private static String cut(StackCount stack) {
        return stack.end().complete() ? "" : "[cut: " + stack.end().description() + "]";
    }

    /** One function for readers, who take semicolons for its end: Gregg's scripts have colons for them, too. */
    private static String word(String name) {
        return name.isEmpty() ? "[no name]" : PrintableName.whole(name).replace(';', ':');
    }
}
