package io.perfagent.top;

import io.perfagent.model.CannotStartException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.terminal.TerminalBuilder.SystemOutput;

/**
 * The terminal of standard input and output: its second screen, without a cursor, and keys as they come. What it was like before is
 * put back when it is closed; where the program ends without that, the terminal library does so for how keys are read. For one thread.
 *
 * <p>Sequences are those of ECMA-48 and xterm's private modes, which all terminals in use have: no terminfo is asked, nothing is executed.
 */
final class Screen implements AutoCloseable {
    private static final String TYPE = "xterm-256color";
    /** The second screen; no cursor; lines that are too long do not go on in the next. */
    private static final String ENTER = "\033[?1049h\033[?25l\033[?7l\033[2J";

    private static final String LEAVE = "\033[0m\033[?7h\033[?25h\033[?1049l";
    /** Terminals that know it show all of what is between at once; others ignore it. */
    private static final String BEGIN_UPDATE = "\033[?2026h";

    private static final String END_UPDATE = "\033[?2026l";

    private final Terminal terminal;
    private final boolean colours;
    private final OutputStream out = new FileOutputStream(FileDescriptor.out);
    private boolean closed;

    /**
     * Columns and lines.
     *
     * @param width at least 1
     * @param height at least 1
     */
    record Extent(int width, int height) {}

    private Screen(Terminal terminal, boolean colours) {
        this.terminal = terminal;
        this.colours = colours;
    }

    /** Takes the terminal over. */
    static Screen open() throws CannotStartException {
        try {
            Terminal terminal = TerminalBuilder.builder()
                    .system(true)
                    .systemOutput(SystemOutput.SysOut)
                    .provider(TerminalBuilder.PROP_PROVIDER_FFM)
                    .dumb(false)
                    .type(TYPE)
                    .nativeSignals(false) // they are ours
                    .graphemeCluster(false) // else the terminal is asked what it can do, and its answers come as keys
                    .encoding(StandardCharsets.UTF_8)
                    .build();
            Screen screen = new Screen(terminal, System.getenv("NO_COLOR") == null);
            var _ = terminal.enterRawMode();
            screen.write(ENTER);
            return screen;
        } catch (IOException | IllegalStateException e) {
            throw new CannotStartException("cannot take over the terminal: " + e.getMessage(), e);
        }
    }

    Keys keys() {
        return new Keys(terminal.reader());
    }

    /** A terminal that does not say it has the size of the first ones. */
    Extent extent() {
        Size size = terminal.getSize();
        boolean known = size.getColumns() > 0 && size.getRows() > 0;
        return known ? new Extent(size.getColumns(), size.getRows()) : new Extent(80, 24);
    }

    /** Shows these lines, and nothing else. */
    void show(List<Line> lines, Extent extent) throws IOException {
        StringBuilder text = new StringBuilder(BEGIN_UPDATE);
        for (int row = 0; row < extent.height; row++) {
            text.append("\033[").append(row + 1).append(";1H");
            Line line = row < lines.size() ? lines.get(row) : new Line(extent.width);
            text.append(line.styled(colours));
            if (line.columns() < extent.width) {
                text.append("\033[K"); // behind the last column it would take that away
            }
        }
        write(text.append(END_UPDATE).toString());
    }

    private void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Puts back what was before, as far as there is a terminal still. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            write(LEAVE);
        } catch (IOException _) {
            // the terminal has gone
        }
        try {
            terminal.close();
        } catch (IOException _) {
            // likewise
        }
    }
}
