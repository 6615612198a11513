package io.perfagent.output;

import java.io.OutputStream;

/** Takes bytes only to count them. */
final class CountedBytes extends OutputStream {
    private long count;

    @Override
    public void write(int one) {
        count++;
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
        count += length;
    }

    long count() {
        return count;
    }
}
