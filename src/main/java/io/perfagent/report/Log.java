package io.perfagent.report;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * Lines for stderr: a few fixed words, then {@code key=value} pairs. Values come from other processes too (names, paths), so
 * whatever could end a line, a value or the terminal's patience is quoted:
 *
 * <pre>
 *   python inject skipped pid=12 comm="a b\nc" reason=not_python
 * </pre>
 *
 * Lines and the status line share the stream: a line takes the status line's place, which is drawn again at the next update.
 */
public final class Log {
    private final PrintStream out;
    private int statusWidth;
    private boolean verbose;

    public Log(PrintStream out) {
        this.out = out;
    }

    /**
     * Writes one line.
     *
     * @param event fixed words, written as they are
     * @param pairs key, value, key, value …
     */
    public synchronized void line(String event, Object... pairs) {
        eraseStatus();
        out.print(format(event, pairs) + "\n");
        out.flush();
    }

    /** From now on details are written as well. */
    public synchronized void showDetails() {
        verbose = true;
    }

    /** Writes one line if details are wanted: figures for whoever works on perf-agent, not for whoever works with it. */
    synchronized void detail(String event, Object... pairs) {
        if (verbose) {
            line(event, pairs);
        }
    }

    /** Text of one line, whatever names of others it quotes. */
    public static String oneLine(String text) {
        return Quoted.line(text);
    }

    /** A stack trace, whose messages may quote names of others as well. */
    public static String trace(Throwable cause) {
        StringWriter trace = new StringWriter();
        cause.printStackTrace(new PrintWriter(trace, true));
        StringBuilder lines = new StringBuilder();
        trace.toString()
                .replace("\t", "    ")
                .lines()
                .forEach(line -> lines.append(oneLine(line)).append('\n'));
        return lines.toString();
    }

    public static String format(String event, Object... pairs) {
        if (pairs.length % 2 != 0) {
            throw new IllegalArgumentException("a key without a value after " + event);
        }
        StringBuilder line = new StringBuilder(event);
        for (int i = 0; i < pairs.length; i += 2) {
            String value = Quoted.of(String.valueOf(pairs[i + 1]));
            line.append(line.isEmpty() ? "" : " ").append(pairs[i]).append('=').append(value);
        }
        return line.toString();
    }

    /** Replaces the status line; the text holds printable ASCII only. */
    synchronized void status(String text) {
        out.print("\r" + text + " ".repeat(Math.max(0, statusWidth - text.length())));
        out.flush();
        statusWidth = text.length();
    }

    synchronized void eraseStatus() {
        if (statusWidth > 0) {
            out.print("\r" + " ".repeat(statusWidth) + "\r");
            out.flush();
            statusWidth = 0;
        }
    }
}
