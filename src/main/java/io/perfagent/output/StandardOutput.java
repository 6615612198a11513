package io.perfagent.output;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.Format;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/** The profile as the program's only output. A terminal never gets it. */
public final class StandardOutput implements Destination {
    private static final int BUFFER_BYTES = 1 << 16;

    private final State state;
    private final Format format;

    /** What standard output is. */
    public enum State {
        TERMINAL,
        CLOSED,
        WRITABLE
    }

    StandardOutput(State state, Format format) {
        this.state = state;
        this.format = format;
    }

    @Override
    public void check() throws CannotStartException {
        switch (state) {
            case TERMINAL -> throw refused("it is a terminal; redirect it (> app" + format.extension() + ")");
            case CLOSED -> throw refused("it is closed; open it (> app" + format.extension() + ")");
            case WRITABLE -> {}
        }
    }

    @Override
    public Path write(Content content) throws CannotStartException {
        check();
        try {
            OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES);
            content.writeTo(out);
            out.flush();
            return Path.of("-");
        } catch (IOException e) {
            throw new CannotStartException(
                    "cannot write the profile to standard output: " + e.getMessage()
                            + "; name a file with --profile-output where its reader may end early",
                    e);
        }
    }

    private static CannotStartException refused(String why) {
        return new CannotStartException(
                "cannot write the profile to standard output: " + why + ", or name a file with --profile-output");
    }
}
