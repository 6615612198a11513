package io.perfagent.view.pprof;

import io.perfagent.model.Cgroup;
import io.perfagent.model.Location;
import io.perfagent.model.Measure;
import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Samples of a profile as stacks, each read when it is asked for, with those of their labels that we write ourselves. They have been read before, and
 * their labels checked, so that nothing is wrong with them.
 */
public final class SampleStacks extends AbstractList<StackCount> {
    private final PprofFile file;
    private final int type;
    private final long period;
    private final int[] samples;
    private int[] indices = new int[1 << 8];
    private final SampleRecord sample = new SampleRecord();
    private final Set<String> unknownLabels = new TreeSet<>();

    /**
     * @param type of the values that count
     * @param measure of which each count is a period
     * @param samples numbers of those that are in it
     */
    @SuppressWarnings("ArrayRecordComponent")
    public SampleStacks(PprofFile file, int type, Measure measure, int[] samples) {
        this.file = file;
        this.type = type;
        this.period = measure.period();
        this.samples = samples;
    }

    @Override
    public int size() {
        return samples.length;
    }

    @Override
    public StackCount get(int index) {
        try {
            file.read(samples[index], sample, true);
            return stack();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Keys of labels that have no place in a stack, of all that was read so far. */
    public Set<String> unknownLabels() {
        return unknownLabels;
    }

    private StackCount stack() throws IOException {
        int pid = 0;
        int tid = 0;
        String thread = "";
        String container = "";
        String pod = "";
        String cgroup = "";
        WalkEnd end = WalkEnd.END_OF_STACK;
        boolean guessed = false;
        for (SampleRecord.Label label : sample.labels) {
            String key = file.text(label.key());
            switch (key) {
                case "pid" -> pid = number(label);
                case "tid", "thread_id" -> tid = number(label);
                case "comm", "thread", "thread_name" -> thread = file.text(label.text());
                case "container_id" -> container = file.text(label.text());
                case "pod_uid" -> pod = file.text(label.text());
                case "cgroup" -> cgroup = file.text(label.text());
                case "cut" -> end = end(file.text(label.text()));
                case "guessed" -> guessed = true;
                default -> {
                    boolean _ = unknownLabels.add(key);
                }
            }
        }
        return new StackCount(
                pid,
                tid,
                thread,
                new Cgroup(cgroup, container, pod),
                locations(),
                end,
                guessed,
                sample.values[type] / period);
    }

    /** Some write numbers as text. */
    private int number(SampleRecord.Label label) throws IOException {
        String text = file.text(label.text());
        long number = text.matches("\\d{1,9}") ? Long.parseLong(text) : label.number();
        return number < 0 || number > Integer.MAX_VALUE ? 0 : (int) number;
    }

    private static WalkEnd end(String description) {
        for (WalkEnd end : WalkEnd.values()) {
            if (end.description().equals(description)) {
                return end;
            }
        }
        return WalkEnd.END_OF_STACK;
    }

    private List<Location> locations() throws IOException {
        if (indices.length < sample.depth) {
            indices = new int[2 * sample.depth];
        }
        int depth = file.locations(sample, indices);
        List<Location> locations = new ArrayList<>(depth);
        for (int at = 0; at < depth; at++) {
            locations.add(file.location(indices[at]));
        }
        return locations;
    }
}
