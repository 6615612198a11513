package io.perfagent.view.pprof;

/** What one of the values of each sample is: {@code cpu/nanoseconds}. */
public record SampleType(String type, String unit) {
    @Override
    public String toString() {
        return type + "/" + unit;
    }
}
