package io.perfagent.documents;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A command that a document tells its reader to type.
 *
 * @param place file and line
 * @param text without {@code sudo} and what is said behind it
 */
record DocumentedCommand(String place, String text) {
    private static final Pattern OURS = Pattern.compile(" {4,}(?:\\$ )?(?:sudo )?(.*(?:perf-agent|go tool pprof) .*)");
    private static final Pattern COMMAND =
            Pattern.compile("(?:sudo )?(?:\\./)?(?:perf-agent|go tool pprof|curl|setpriv) .*");
    /** Words behind a command stand apart from it. */
    private static final Pattern SAID_BEHIND = Pattern.compile(" {3,}\\S.*");

    /** Those for perf-agent and for pprof, of all documents of users. */
    static List<DocumentedCommand> all() throws IOException {
        List<DocumentedCommand> all = new ArrayList<>();
        List<Path> files = new ArrayList<>(List.of(Path.of("README.md")));
        try (Stream<Path> pages = Files.list(Path.of("docs", "user"))) {
            pages.filter(page -> page.toString().endsWith(".md")).sorted().forEach(files::add);
        }
        for (Path file : files) {
            List<String> lines = Files.readAllLines(file);
            for (int at = 0; at < lines.size(); at++) {
                add(all, file + ":" + (at + 1), whole(lines, at));
            }
        }
        return all;
    }

    /** With the lines that it goes on in. */
    private static String whole(List<String> lines, int first) {
        StringBuilder whole = new StringBuilder(lines.get(first));
        for (int at = first; lines.get(at).endsWith("\\"); at++) {
            whole.setLength(whole.length() - 1);
            whole.append(lines.get(at + 1).strip());
        }
        return whole.toString();
    }

    private static void add(List<DocumentedCommand> all, String place, String line) {
        var matcher = OURS.matcher(line);
        if (matcher.matches() && COMMAND.matcher(matcher.group(1)).matches()) {
            all.add(new DocumentedCommand(
                    place,
                    SAID_BEHIND.matcher(matcher.group(1)).replaceFirst("").strip()));
        }
    }
}
