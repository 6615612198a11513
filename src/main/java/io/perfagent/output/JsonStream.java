package io.perfagent.output;

import io.perfagent.model.PrintableName;
import java.io.IOException;
import java.io.OutputStream;

/**
 * JSON (RFC 8259) written piece by piece, in ASCII: text of others cannot leave its quotes. Commas are put where they belong; whoever writes closes
 * what was opened.
 */
public final class JsonStream {
    private static final String DIGITS = "0123456789abcdef";

    private final OutputStream out;
    private final byte[] bytes = new byte[1 << 16];
    private int used;
    private boolean first = true;

    public JsonStream(OutputStream out) {
        this.out = out;
    }

    /** Begins an object or a list. */
    public JsonStream open(char bracket) throws IOException {
        separate();
        put(bracket);
        first = true;
        return this;
    }

    /** Ends it. */
    public JsonStream close(char bracket) throws IOException {
        put(bracket);
        first = false;
        return this;
    }

    /** The name of what comes next. */
    public JsonStream name(String name) throws IOException {
        separate();
        quote(name);
        put(':');
        first = true;
        return this;
    }

    public JsonStream value(String text) throws IOException {
        separate();
        quote(PrintableName.whole(text));
        return this;
    }

    public JsonStream value(long number) throws IOException {
        return raw(Long.toString(number));
    }

    public JsonStream value(boolean truth) throws IOException {
        return raw(Boolean.toString(truth));
    }

    /** What is JSON already. */
    public JsonStream raw(String json) throws IOException {
        separate();
        for (int at = 0; at < json.length(); at++) {
            put(json.charAt(at));
        }
        return this;
    }

    public void flush() throws IOException {
        out.write(bytes, 0, used);
        used = 0;
        out.flush();
    }

    private void separate() throws IOException {
        if (!first) {
            put(',');
        }
        first = false;
    }

    private void quote(String text) throws IOException {
        put('"');
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"' || c == '\\') {
                put('\\');
                put(c);
            } else if (c >= ' ' && c < 0x7f) {
                put(c);
            } else {
                escape(c);
            }
        }
        put('"');
    }

    private void escape(char c) throws IOException {
        put('\\');
        put('u');
        for (int shift = 12; shift >= 0; shift -= 4) {
            put(DIGITS.charAt((c >> shift) & 0xf));
        }
    }

    private void put(char c) throws IOException {
        if (used == bytes.length) {
            out.write(bytes, 0, used);
            used = 0;
        }
        bytes[used++] = (byte) c;
    }
}
