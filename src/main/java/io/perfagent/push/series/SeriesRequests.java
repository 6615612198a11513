package io.perfagent.push.series;

import java.io.IOException;
import java.util.Map;

/** Makes requests of series, each with labels and a file for pprof, and hands over what is full. */
public interface SeriesRequests {
    void add(Map<String, String> labels, byte[] file) throws IOException;

    /** Hands over what is left. */
    void finish() throws IOException;
}
