package io.perfagent.output;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.Format;
import io.perfagent.model.Profile;
import io.perfagent.model.Written;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A profile's way out: a format, and where it goes.
 *
 * @param foldPython without the interpreter's own frames between Python functions
 */
public record Export(Format format, Destination destination, boolean foldPython) {
    /** Finds out before a run whether its profile could be written. */
    public void check() throws CannotStartException {
        destination.check();
    }

    /** Writes the profile; says where it is to be found. */
    public Written write(Profile profile) throws CannotStartException {
        return new Written(destination.write(out -> encode(profile, out)), format);
    }

    /** Writes the profile to a stream, and leaves that open. */
    public void encode(Profile profile, OutputStream out) throws IOException {
        Profile folded = foldPython && !format.foldsByItself() ? PythonFold.of(profile) : profile;
        Encoder.of(format).write(format == Format.PPROF ? folded : StateFrames.of(folded), out);
    }
}
