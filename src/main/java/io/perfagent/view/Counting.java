package io.perfagent.view;

import io.perfagent.model.Measure;
import io.perfagent.view.pprof.BadProfileException;
import io.perfagent.view.pprof.PprofFile;
import io.perfagent.view.pprof.SampleType;
import java.io.IOException;
import java.util.List;

/**
 * How many samples the values of one type stand for, which only some profiles tell: where there is a number of samples beside each value, and the
 * value is always the same multiple of it; or where each value is a multiple of the profile's period, which for times says nothing where it is 1. Of others it is not known.
 */
final class Counting {
    static final SampleType SAMPLES = new SampleType("samples", "count");

    private final SampleType type;
    private final int index;
    private final int countIndex;
    private long period;
    private boolean proportional;
    private long all;

    Counting(PprofFile file, int index) throws IOException {
        List<SampleType> types = file.types();
        this.type = types.get(index);
        this.index = index;
        this.countIndex = types.indexOf(SAMPLES);
        boolean counts = file.period() == 1 && type.unit().equals(SAMPLES.unit());
        boolean ofPeriod = file.periodType().equals(type) && (file.period() > 1 || counts);
        this.period = type.equals(SAMPLES) ? 1 : countIndex < 0 && ofPeriod ? file.period() : 0;
        this.proportional = countIndex >= 0 || ofPeriod;
    }

    /** The whole file. */
    static Counting of(PprofFile file, int index) throws IOException {
        Counting counting = new Counting(file, index);
        file.forEach((_, _, values) -> counting.add(values));
        return counting;
    }

    void add(long[] values) throws IOException {
        long value = values[index];
        try {
            all = Math.addExact(all, Math.absExact(value));
        } catch (ArithmeticException _) {
            throw BadProfileException.damaged("its values of " + type.type() + " are more than 64 bits hold");
        }
        if (countIndex < 0) {
            proportional = proportional && value % period == 0;
            return;
        }
        long count = values[countIndex];
        if (period == 0 && count != 0 && value % count == 0) {
            period = value / count;
        }
        proportional = proportional && (count == 0 ? value == 0 : count * period == value);
    }

    /** Of all that was added. */
    Measure measure() {
        return proportional && period > 0
                ? new Measure(type.type(), type.unit(), period, true)
                : Measure.weight(type.type(), type.unit());
    }
}
