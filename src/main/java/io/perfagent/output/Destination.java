package io.perfagent.output;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.Format;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/** Where a profile goes: to a file of a given name, to one of a name that is free, or to standard output. */
public sealed interface Destination permits ProfileFile, UntakenFile, StandardOutput {
    /** Something that writes a profile to a stream and leaves it open. */
    @FunctionalInterface
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** What the user calls it: {@code -} is standard output, and so is each name that leads there. */
    static Destination named(Path path, Format format, StandardOutput.State state) {
        boolean standard = path.toString().equals("-") || Place.of(path) == Place.STANDARD_OUTPUT;
        return standard ? new StandardOutput(state, format) : ProfileFile.at(path);
    }

    /** Finds out before a run whether its profile could be written. */
    void check() throws CannotStartException;

    /** Writes the profile; returns the name under which it is to be found, {@code -} for standard output. */
    Path write(Content content) throws CannotStartException;
}
