package io.perfagent.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A terminal, which tmux is, with a shell in it that runs one command and stays. The shell notes what {@code stty -g} says before and
 * after, and the command's exit status.
 */
public final class TerminalWindow implements AutoCloseable {
    /** What takes seconds of a processor may take many times as long on a busy machine. */
    private static final int PATIENCE_MILLIS = 120_000;

    private static final int LOOK_MILLIS = 100;

    private final Path directory;
    private final Path socket;

    private TerminalWindow(Path directory) {
        this.directory = directory;
        this.socket = directory.resolve("tmux");
    }

    /**
     * Opens it.
     *
     * @param directory for the command to run in, and for notes
     */
    public static TerminalWindow open(
            Path directory, int columns, int lines, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path script = directory.resolve("script");
        String set = environment.entrySet().stream()
                .map(entry -> "export " + entry.getKey() + "=" + word(entry.getValue()) + "\n")
                .collect(Collectors.joining());
        Files.writeString(
                script,
                "cd " + word(directory.toString()) + "\n" + set + "stty -g > before\n"
                        + command.stream().map(TerminalWindow::word).collect(Collectors.joining(" "))
                        + "\necho $? > status; stty -g > after; echo left; exec sleep 1000\n");
        TerminalWindow window = new TerminalWindow(directory);
        window.tmux("new-session", "-d", "-x", String.valueOf(columns), "-y", String.valueOf(lines), "sh " + script);
        return window;
    }

    private static String word(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    /** What it shows. */
    public String text() throws IOException, InterruptedException {
        return tmux("capture-pane", "-p");
    }

    /** Returns what it shows as soon as that is as wanted. */
    public String awaitText(Predicate<String> wanted) throws IOException, InterruptedException {
        String text = text();
        for (int waited = 0; !wanted.test(text); waited += LOOK_MILLIS) {
            if (waited > PATIENCE_MILLIS) {
                throw new AssertionError("the window never showed what was wanted:\n" + text);
            }
            Thread.sleep(LOOK_MILLIS);
            text = text();
        }
        return text;
    }

    /** Presses keys, by their names in tmux, or types text. */
    public void press(String... keys) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("send-keys"));
        arguments.addAll(List.of(keys));
        tmux(arguments.toArray(String[]::new));
    }

    public void resize(int columns, int lines) throws IOException, InterruptedException {
        tmux("resize-window", "-x", String.valueOf(columns), "-y", String.valueOf(lines));
    }

    /** Has all that programs write to the terminal from now on written to a file, too. */
    public void record(Path file) throws IOException, InterruptedException {
        tmux("pipe-pane", "cat > " + word(file.toString()));
    }

    /** Whether a program shows its second screen. */
    public boolean isOnSecondScreen() throws IOException, InterruptedException {
        return tmux("display-message", "-p", "#{alternate_on}").strip().equals("1");
    }

    public boolean hasCursor() throws IOException, InterruptedException {
        return tmux("display-message", "-p", "#{cursor_flag}").strip().equals("1");
    }

    /** The command, as a process. */
    public ProcessHandle command() throws IOException, InterruptedException {
        long shell = Long.parseLong(tmux("display-message", "-p", "#{pane_pid}").strip());
        return ProcessHandle.of(shell)
                .flatMap(process -> process.children().findFirst())
                .orElseThrow();
    }

    /** What the shell has noted: {@code before}, {@code after} or {@code status}. */
    public String noted(String what) throws IOException {
        return Files.readString(directory.resolve(what)).strip();
    }

    private String tmux(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("env", "LC_ALL=C.UTF-8", "tmux", "-f", "/dev/null", "-S", socket.toString()));
        command.addAll(List.of(arguments));
        return Tool.output(command, directory);
    }

    /** The terminal is gone: its programs are told by SIGHUP. */
    @Override
    public void close() throws IOException {
        try {
            tmux("kill-server");
        } catch (AssertionError _) {
            // closed before
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
