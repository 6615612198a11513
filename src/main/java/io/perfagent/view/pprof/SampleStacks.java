package io.perfagent.view.pprof;

import io.perfagent.model.Location;
import io.perfagent.model.Measure;
import io.perfagent.model.StackCount;
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
    private final boolean withStates;
    /** Which of its values says how often a thread waited; −1 where none does. */
    private final int times;

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
        this.withStates = measure.hasStates();
        this.times = withStates ? file.types().indexOf(new SampleType(measure.times(), "count")) : -1;
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
        StackLabels labels = new StackLabels(file, withStates);
        for (SampleRecord.Label label : sample.labels) {
            if (!labels.take(label)) {
                boolean _ = unknownLabels.add(file.text(label.key()));
            }
        }
        return labels.stack(locations(), sample.values[type] / period, times < 0 ? 0 : sample.values[times]);
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
