package io.perfagent.view.pprof;

import io.perfagent.output.proto.ProfileProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One sample, read into memory that is used again for the next. For one thread. */
final class SampleRecord {
    private static final int MOST_FRAMES = 1 << 16;
    private static final int MOST_VALUES = 1 << 10;
    private static final int MOST_LABELS = 1 << 10; // of one sample; further ones are left

    long[] locations = new long[64]; // ids, leaf first
    int depth;
    long[] values = new long[4];
    int valueCount;
    final List<Label> labels = new ArrayList<>();

    /** Strings by index; a text that is 0 makes it a number. */
    record Label(int key, int text, long number) {}

    /** @param withLabels whether these are wanted, which mostly they are not */
    void read(Records in, boolean withLabels) throws IOException {
        depth = 0;
        valueCount = 0;
        labels.clear();
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case ProfileProto.Sample.LOCATION_ID_FIELD_NUMBER -> readLocations(in);
                case ProfileProto.Sample.VALUE_FIELD_NUMBER -> readValues(in);
                case ProfileProto.Sample.LABEL_FIELD_NUMBER -> {
                    if (withLabels && labels.size() < MOST_LABELS) {
                        labels.add(label(in));
                    } else {
                        in.skip();
                    }
                }
                default -> in.skip();
            }
        }
    }

    private void readLocations(Records in) throws IOException {
        if (!in.isList()) {
            addLocation(in.number());
            return;
        }
        int outer = in.enter();
        while (in.more()) {
            addLocation(in.listed());
        }
        in.leave(outer);
    }

    private void addLocation(long id) throws BadProfileException {
        if (depth == MOST_FRAMES) {
            throw BadProfileException.damaged("a stack has more than " + MOST_FRAMES + " frames");
        }
        if (depth == locations.length) {
            locations = Arrays.copyOf(locations, 2 * depth);
        }
        locations[depth++] = id;
    }

    private void readValues(Records in) throws IOException {
        if (!in.isList()) {
            addValue(in.number());
            return;
        }
        int outer = in.enter();
        while (in.more()) {
            addValue(in.listed());
        }
        in.leave(outer);
    }

    private void addValue(long value) throws BadProfileException {
        if (valueCount == MOST_VALUES) {
            throw BadProfileException.damaged("a sample has more than " + MOST_VALUES + " values");
        }
        if (valueCount == values.length) {
            values = Arrays.copyOf(values, 2 * valueCount);
        }
        values[valueCount++] = value;
    }

    private static Label label(Records in) throws IOException {
        int key = 0;
        int text = 0;
        long number = 0;
        int outer = in.enter();
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case ProfileProto.Label.KEY_FIELD_NUMBER -> key = Tables.index(in);
                case ProfileProto.Label.STR_FIELD_NUMBER -> text = Tables.index(in);
                case ProfileProto.Label.NUM_FIELD_NUMBER -> number = in.number();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new Label(key, text, number);
    }
}
