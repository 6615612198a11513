package io.perfagent.agent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;

/** Standard error while something else has the terminal: what is written meanwhile comes when that is over. Any thread. */
public final class HeldLines extends OutputStream {
    /** Of a run that lasts for days; what comes later is left out, and that is said. */
    private static final int MOST_BYTES = 1 << 20;

    private final PrintStream out;
    private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
    private boolean held;
    private long leftOut;

    /** Holds nothing back at first. */
    public HeldLines(PrintStream out) {
        this.out = out;
    }

    @Override
    public synchronized void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) {
        if (!held) {
            out.write(bytes, from, length);
            out.flush();
        } else if (length <= MOST_BYTES - waiting.size()) {
            waiting.write(bytes, from, length);
        } else {
            leftOut += length;
        }
    }

    synchronized void hold() {
        held = true;
    }

    synchronized void release() {
        held = false;
        out.writeBytes(waiting.toByteArray());
        waiting.reset();
        if (leftOut > 0) {
            out.println("and " + leftOut + " bytes of lines more, left out");
            leftOut = 0;
        }
        out.flush();
    }
}
