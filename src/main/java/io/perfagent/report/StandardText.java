package io.perfagent.report;

import io.perfagent.linux.StandardStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/** Standard output for text, which knows what has kept it from being written: {@link PrintStream} knows only whether. */
public final class StandardText {
    private static final String BROKEN_PIPE = "Broken pipe"; // EPIPE, as strerror(3) has it

    private final PrintStream stream = new PrintStream(new Remembering(), true, System.out.charset());
    private @Nullable IOException first;

    public PrintStream stream() {
        return stream;
    }

    /** Cause and remedy; null where all was written, or whoever reads it has had enough. */
    public @Nullable String failure() {
        stream.flush();
        IOException cause = first;
        if (cause == null || BROKEN_PIPE.equals(cause.getMessage())) {
            return null;
        }
        return StandardStream.OUTPUT.isWritable()
                ? cause.getMessage() + ": make room, or send it elsewhere"
                : "it is closed: open it, or send it to a file";
    }

    private final class Remembering extends OutputStream {
        private final OutputStream file = new FileOutputStream(FileDescriptor.out);

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                file.write(bytes, offset, length);
            } catch (IOException e) {
                first = first == null ? e : first;
                throw e;
            }
        }
    }
}
