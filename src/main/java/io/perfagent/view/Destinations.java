package io.perfagent.view;

import io.perfagent.linux.StandardStream;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.Format;
import io.perfagent.model.Output;
import io.perfagent.output.Destination;
import io.perfagent.output.StandardOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/** Where what was made of a profile goes. */
final class Destinations {
    private static final String BROKEN_PIPE = "Broken pipe"; // EPIPE, as strerror(3) has it

    private Destinations() {}

    /** Of an output that names its file. */
    static Destination of(Output output) {
        Format format = output.format();
        return Destination.named(Objects.requireNonNull(output.path()), format, standardOutput());
    }

    /** Writes; whoever reads standard output may stop whenever there is enough. */
    static void write(Destination destination, Destination.Content content) throws CannotStartException {
        try {
            Path _ = destination.write(content);
        } catch (CannotStartException e) {
            boolean enough = destination instanceof StandardOutput
                    && e.getCause() instanceof IOException cause
                    && BROKEN_PIPE.equals(cause.getMessage());
            if (!enough) {
                throw e;
            }
        }
    }

    private static StandardOutput.State standardOutput() {
        if (!StandardStream.OUTPUT.isWritable()) {
            return StandardOutput.State.CLOSED;
        }
        return StandardStream.OUTPUT.isTerminal() ? StandardOutput.State.TERMINAL : StandardOutput.State.WRITABLE;
    }
}
