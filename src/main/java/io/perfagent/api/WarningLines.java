package io.perfagent.api;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** What a run would say on standard error, a line at a time. One thread at a time. */
final class WarningLines extends OutputStream {
    private final Consumer<String> taker;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    WarningLines(Consumer<String> taker) {
        this.taker = taker;
    }

    @Override
    public void write(int one) {
        if (one == '\n') {
            String whole = line.toString(StandardCharsets.UTF_8);
            line.reset();
            taker.accept(whole);
        } else {
            line.write(one);
        }
    }
}
