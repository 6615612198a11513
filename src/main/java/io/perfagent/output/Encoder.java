package io.perfagent.output;

import io.perfagent.model.Format;
import io.perfagent.model.Profile;
import java.io.IOException;
import java.io.OutputStream;

/** Writes profiles in one format. */
@FunctionalInterface
public interface Encoder {
    /** Writes a profile and leaves the stream open. */
    void write(Profile profile, OutputStream out) throws IOException;

    static Encoder of(Format format) {
        return switch (format) {
            case PPROF -> PprofEncoder::write;
            case FOLDED -> FoldedEncoder::write;
            case SPEEDSCOPE -> SpeedscopeEncoder::write;
            case FIREFOX -> FirefoxEncoder::write;
            case PERF -> PerfDataEncoder::write;
            case HTML -> PageEncoder::write;
        };
    }
}
