package io.perfagent.output;

import io.perfagent.model.Format;
import io.perfagent.model.Profile;
import java.io.IOException;
import java.io.OutputStream;

/** Writes two profiles as what differs between them. */
@FunctionalInterface
public interface DifferenceEncoder {
    /** Writes both, and leaves the stream open. */
    void write(Profile before, Profile after, OutputStream out) throws IOException;

    /** Fails for formats that cannot show it. */
    static DifferenceEncoder of(Format format) {
        return switch (format) {
            case HTML -> PageEncoder::writeDifference;
            case FOLDED -> FoldedEncoder::writeDifference;
            case PPROF, SPEEDSCOPE, FIREFOX, PERF ->
                throw new IllegalArgumentException("no difference as " + format.label());
        };
    }
}
