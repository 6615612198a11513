package io.perfagent.procfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** {@code /proc/<pid>/cmdline} (proc_pid_cmdline(5)): what a process was called with, or what it has written there since. */
public final class CommandLine {
    private static final Pattern INTERPRETER =
            Pattern.compile("(python|pypy|ruby|perl|node|php|lua)[\\d.]*|ba?sh|dash");

    /** Options of these whose value is the next argument. */
    private static final Set<String> WITH_VALUE = Set.of("-W", "-X", "-r", "--require");

    private final List<String> arguments;

    private CommandLine(List<String> arguments) {
        this.arguments = arguments;
    }

    public static CommandLine read(int pid) throws IOException {
        byte[] text = Files.readAllBytes(Path.of("/proc", Integer.toString(pid), "cmdline"));
        return parse(new String(text, StandardCharsets.UTF_8));
    }

    /** A title that a process gave itself is one argument, {@code gunicorn: worker [shop]}: its first word counts. */
    static CommandLine parse(String text) {
        return new CommandLine(List.of(text.split("\0", -1)));
    }

    /** What it is called: its program's file name, and an interpreter's script, with and without {@code .py}, or {@code -m} module. */
    public Set<String> names() {
        Set<String> names = new HashSet<>();
        names.add(program());
        if (INTERPRETER.matcher(program()).matches()) {
            addScript(names);
        }
        names.remove("");
        return names;
    }

    /** The one of these that says most: an interpreter's script without {@code .py}, else the program; {@code ""} where it says none. */
    public String name() {
        Set<String> names = names();
        names.remove(program());
        return names.stream().min(Comparator.comparingInt(String::length)).orElse(program());
    }

    private String program() {
        String program = fileName(arguments.getFirst().split(" ", 2)[0]);
        return program.endsWith(":") ? program.substring(0, program.length() - 1) : program;
    }

    /** All of it, in one line. */
    public String text() {
        return String.join(" ", arguments).strip();
    }

    private void addScript(Set<String> names) {
        for (int i = 1; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("-c") || argument.equals("-e")) {
                return; // a program of its own, without a name
            }
            if (argument.equals("-m") && i + 1 < arguments.size()) {
                names.add(arguments.get(i + 1));
                return;
            }
            if (WITH_VALUE.contains(argument)) {
                i++;
            } else if (!argument.startsWith("-")) {
                String script = fileName(argument);
                names.add(script);
                names.add(script.endsWith(".py") ? script.substring(0, script.length() - 3) : script);
                return;
            }
        }
    }

    private static String fileName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
