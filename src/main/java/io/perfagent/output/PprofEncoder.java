package io.perfagent.output;

import com.google.protobuf.CodedOutputStream;
import io.perfagent.model.Cgroup;
import io.perfagent.model.GilHolder;
import io.perfagent.model.Location;
import io.perfagent.model.Measure;
import io.perfagent.model.Module;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.Waker;
import io.perfagent.output.proto.ProfileProto;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Encodes a profile as pprof reads it: gzip over {@code profile.proto}.
 *
 * <p>Each sample has two values, {@code samples/count} and {@code cpu/nanoseconds}, the count times the period, or {@code waits/count} and
 * {@code off_cpu/nanoseconds}, or {@code samples/count} and {@code wall/nanoseconds}; pprof shows the second unless told otherwise. Labels are {@code pid} and {@code tid}, numbers without a unit, which pprof prints as they are and
 * takes as {@code -tagfocus=pid=4711}; and {@code comm}, the thread's name; besides these {@code container_id} and {@code pod_uid} where
 * there are such, else {@code cgroup} where the run has several, {@code cut}, why callers are missing, and {@code guessed}, where frames in
 * between may be; of waits for CPython's lock {@code gil_holder_tid} and {@code gil_holder}, who had it and what that ran; and of who ended a wait {@code waker_pid}, {@code waker_tid} and {@code waker_comm}. Labels of text are boxes in pprof's graph, so what says nothing more is left out.
 */
public final class PprofEncoder {
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final String GUESSED = "frame pointer not checked";

    private final Profile profile;
    private final long period;
    private final boolean countBeside; // of samples
    private final boolean hasStates;
    private final boolean timesBeside; // how often
    private final boolean manyCgroups;
    private final ProfileProto.Profile.Builder encoded = ProfileProto.Profile.newBuilder();
    private final StringTable strings = new StringTable(encoded);
    private final PprofTables tables = new PprofTables(encoded, strings);
    private final StateFrames frames = new StateFrames();

    private PprofEncoder(Profile profile, boolean numbersBeside) {
        this.profile = profile;
        this.manyCgroups = profile.stacks().stream()
                        .map(stack -> stack.cgroup().path())
                        .distinct()
                        .count()
                > 1;
        this.countBeside = numbersBeside
                && profile.measure().samples()
                && !profile.measure().type().equals("samples");
        this.hasStates = profile.measure().hasStates();
        this.timesBeside = numbersBeside && hasStates;
        this.period = profile.measure().period();
    }

    /** Writes the profile and leaves the stream open. */
    static void write(Profile profile, OutputStream out) throws IOException {
        GZIPOutputStream compressed = new GZIPOutputStream(out, 1 << 16);
        CodedOutputStream to = CodedOutputStream.newInstance(compressed);
        new PprofEncoder(profile, true).write(to);
        to.flush();
        compressed.finish();
    }

    /**
     * Writes the profile without compression and leaves the stream open.
     *
     * @param numbersBeside whether samples or waits are counted beside what is measured
     */
    public static void writePlain(Profile profile, boolean numbersBeside, OutputStream out) throws IOException {
        CodedOutputStream to = CodedOutputStream.newInstance(out);
        new PprofEncoder(profile, numbersBeside).write(to);
        to.flush();
    }

    /** Fields may come in any order: samples, which are the most, are written one by one and not kept. */
    private void write(CodedOutputStream to) throws IOException {
        addTypes();
        addTimes();
        addMainMapping();
        for (StackCount stack : profile.stacks()) {
            to.writeMessage(ProfileProto.Profile.SAMPLE_FIELD_NUMBER, sample(stack));
        }
        for (String comment : profile.comments()) {
            encoded.addComment(strings.index(comment));
        }
        encoded.build().writeTo(to);
    }

    private void addTypes() {
        Measure measure = profile.measure();
        ProfileProto.ValueType measured = valueType(measure.type(), measure.unit());
        if (countBeside) {
            encoded.addSampleType(valueType("samples", "count"));
        }
        if (timesBeside) {
            encoded.addSampleType(valueType(measure.times(), "count"));
        }
        if (measure.samples() || hasStates) {
            encoded.setPeriodType(measured).setPeriod(period);
        }
        encoded.addSampleType(measured).setDefaultSampleType(strings.index(measure.type()));
    }

    private ProfileProto.ValueType valueType(String type, String unit) {
        return ProfileProto.ValueType.newBuilder()
                .setType(strings.index(type))
                .setUnit(strings.index(unit))
                .build();
    }

    private void addTimes() {
        Instant start = profile.start();
        encoded.setTimeNanos(start.getEpochSecond() * NANOS_PER_SECOND + start.getNano())
                .setDurationNanos(profile.duration().toNanos());
    }

    /** pprof takes the first mapping for the program. */
    private void addMainMapping() {
        Module main = MainBinary.of(profile.stacks());
        if (main != null) {
            var _ = tables.mapping(main);
        }
    }

    private ProfileProto.Sample sample(StackCount stack) {
        ProfileProto.Sample.Builder sample = ProfileProto.Sample.newBuilder();
        if (countBeside) {
            sample.addValue(stack.count());
        }
        if (timesBeside) {
            sample.addValue(stack.activity().waits());
        }
        sample.addValue(stack.count() * period);
        if (stack.hasThread()) {
            sample.addLabel(label("pid", stack.pid()))
                    .addLabel(label("tid", stack.tid()))
                    .addLabel(label("comm", stack.threadName()));
        }
        addPlace(sample, stack.cgroup());
        addUnlessEmpty(sample, "state", hasStates ? stack.state().label() : "");
        addUnlessEmpty(sample, "descriptor", stack.activity().descriptor().label());
        addHolder(sample, stack.activity().gilHolder());
        addUnlessEmpty(sample, "cut", stack.end().complete() ? "" : stack.end().description());
        addUnlessEmpty(sample, "guessed", stack.guessed() ? GUESSED : "");
        Waker waker = stack.activity().waker();
        if (waker != null && waker.kind() == Waker.Kind.THREAD) {
            sample.addLabel(label("waker_pid", waker.pid()))
                    .addLabel(label("waker_tid", waker.tid()))
                    .addLabel(label("waker_comm", waker.threadName()));
        }
        for (Location location : frames.woken(stack)) {
            sample.addLocationId(tables.location(location));
        }
        for (Location location : stack.locations()) {
            sample.addLocationId(tables.location(location));
        }
        return sample.build();
    }

    private void addHolder(ProfileProto.Sample.Builder sample, @Nullable GilHolder holder) {
        if (holder == null) {
            return;
        }
        if (holder.tid() != 0) {
            sample.addLabel(label("gil_holder_tid", holder.tid()));
        }
        addUnlessEmpty(sample, "gil_holder", holder.frame() == null ? "" : StateFrames.text(holder.frame()));
    }

    private void addPlace(ProfileProto.Sample.Builder sample, Cgroup cgroup) {
        addUnlessEmpty(sample, "container_id", cgroup.containerId());
        addUnlessEmpty(sample, "pod_uid", cgroup.podUid());
        if (manyCgroups && cgroup.containerId().isEmpty() && cgroup.podUid().isEmpty()) {
            addUnlessEmpty(sample, "cgroup", cgroup.path());
        }
    }

    private void addUnlessEmpty(ProfileProto.Sample.Builder sample, String key, String text) {
        if (!text.isEmpty()) {
            sample.addLabel(label(key, text));
        }
    }

    private ProfileProto.Label label(String key, int number) {
        return ProfileProto.Label.newBuilder()
                .setKey(strings.index(key))
                .setNum(number)
                .build();
    }

    private ProfileProto.Label label(String key, String text) {
        return ProfileProto.Label.newBuilder()
                .setKey(strings.index(key))
                .setStr(strings.index(text))
                .build();
    }
}
