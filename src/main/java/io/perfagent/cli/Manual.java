package io.perfagent.cli;

import io.perfagent.report.Release;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.stream.Collectors;
import picocli.AutoComplete;
import picocli.CommandLine;

/**
 * What is installed beside the program and says what its options are: a page for {@code man}, and completions of bash, zsh and fish. They are
 * made of the options themselves and of what {@code --help} says, once, when a package is made.
 */
public final class Manual {
    private static final String PROGRAM = "perf-agent";

    /**
     * In zsh, which loads the file when it first completes for the program, and has it answer by then. What the other file means by compopt is an
     * alias, which nothing expands in a file that is loaded in this way: without it no answer asks for it.
     */
    private static final String ZSH = """
            #compdef perf-agent
            autoload -U +X bashcompinit && bashcompinit
            source "${${(%%):-%x}:A:h:h:h}/bash-completion/completions/perf-agent"
            unalias compopt 2>/dev/null
            _bash_complete -o default -F _complete_perf-agent
            """;

    private Manual() {}

    /**
     * Writes them.
     *
     * @param args the directory {@code share} of where the program is installed, and the time of the release in seconds since 1970
     */
    public static void main(String[] args) throws IOException {
        Path share = Path.of(args[0]);
        CommandLine program = Main.described();
        write(share.resolve("man/man1/perf-agent.1"), page(program, Instant.ofEpochSecond(Long.parseLong(args[1]))));
        write(share.resolve("bash-completion/completions/perf-agent"), AutoComplete.bash(PROGRAM, program));
        write(share.resolve("zsh/site-functions/_perf-agent"), ZSH);
        write(share.resolve("fish/vendor_completions.d/perf-agent.fish"), FishCompletion.of(program));
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /** In the language of man(7): what {@code --help} says, and below it what each command says of itself. */
    static String page(CommandLine program, Instant released) {
        String synopsis = Help.FULL
                .lines()
                .takeWhile(line -> line.contains(PROGRAM))
                .map(line -> line.replaceFirst("Usage:|^ +", "").strip())
                .collect(Collectors.joining("\n"));
        String rest =
                Help.FULL.lines().dropWhile(line -> line.contains(PROGRAM)).collect(Collectors.joining("\n"));
        return ".TH PERF-AGENT 1 " + released.atOffset(ZoneOffset.UTC).toLocalDate() + " \"perf-agent "
                + Release.version() + "\"\n.SH NAME\nperf\\-agent \\- profile running processes\n"
                + verbatim("SYNOPSIS", synopsis)
                + verbatim("DESCRIPTION", rest)
                + program.getSubcommands().entrySet().stream()
                        .map(command -> verbatim(
                                "perf-agent " + command.getKey(),
                                command.getValue().getUsageMessage(CommandLine.Help.Ansi.OFF)))
                        .collect(Collectors.joining())
                + ".SH SEE ALSO\n.BR perf (1),\n.BR bpf (2)\n";
    }

    /** A section whose lines stay as they are. */
    private static String verbatim(String title, String text) {
        return ".SH \"" + roff(title) + "\"\n.nf\n"
                + text.lines().map(Manual::roff).collect(Collectors.joining("\n")) + "\n.fi\n";
    }

    private static String roff(String line) {
        String escaped = line.replace("\\", "\\e").replace("-", "\\-");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }
}
