package io.perfagent.output;

import io.perfagent.model.PrintableName;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/**
 * JSON (RFC 8259) written piece by piece, in ASCII: text of others cannot leave its quotes. Commas are put where they belong; whoever writes closes
 * what was opened.
 */
final class JsonStream {
    private static final int BUFFER_CHARS = 1 << 14;

    private final Writer out;
    private boolean first = true;

    JsonStream(OutputStream out) {
        this.out = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.US_ASCII), BUFFER_CHARS);
    }

    JsonStream open(char bracket) throws IOException {
        separate();
        out.write(bracket);
        first = true;
        return this;
    }

    JsonStream close(char bracket) throws IOException {
        out.write(bracket);
        first = false;
        return this;
    }

    /** The name of what comes next. */
    JsonStream name(String name) throws IOException {
        separate();
        quote(name);
        out.write(':');
        first = true;
        return this;
    }

    JsonStream value(String text) throws IOException {
        separate();
        quote(PrintableName.whole(text));
        return this;
    }

    JsonStream value(long number) throws IOException {
        return raw(Long.toString(number));
    }

    JsonStream value(boolean truth) throws IOException {
        return raw(Boolean.toString(truth));
    }

    /** What is JSON already. */
    JsonStream raw(String json) throws IOException {
        separate();
        out.write(json);
        return this;
    }

    void flush() throws IOException {
        out.flush();
    }

    private void separate() throws IOException {
        if (!first) {
            out.write(',');
        }
        first = false;
    }

    private void quote(String text) throws IOException {
        out.write('"');
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"' || c == '\\') {
                out.write('\\');
                out.write(c);
            } else if (c >= ' ' && c < 0x7f) {
                out.write(c);
            } else {
                out.write(String.format("\\u%04x", (int) c));
            }
        }
        out.write('"');
    }
}
