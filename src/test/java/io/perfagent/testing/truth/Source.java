package io.perfagent.testing.truth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The marks in the source of a workload; {@code truth.py} says what they mean. */
final class Source {
    private static final Pattern MARK = Pattern.compile("# (starts|line|starts, line): (\\S+)(?: ([\\w]+))?");
    /** Of functions that have no source of their own, by lines behind their number. */
    private static final Pattern GENERATED = Pattern.compile("# (starts|line|file) of (\\S+): (.+)");

    private static final Pattern CHAIN = Pattern.compile("# chain(?: 3\\.(\\d+)-(?:3\\.(\\d+))?)?: (.+)");
    private static final Pattern REPEATED = Pattern.compile("\\(([^()]*)\\)\\*(\\d+)");
    private static final Pattern FOREIGN = Pattern.compile("(\\S+) \\((\\w+\\.py)\\)");
    private static final String ARROW = " <- ";

    private final Path path;
    private final List<String> text;
    private final Map<String, Long> starts = new HashMap<>();
    private final Map<String, String> files = new HashMap<>();
    /** By the words of the mark. */
    private final Map<String, Set<Long>> lines = new HashMap<>();

    Source(Path path) throws IOException {
        this.path = path;
        this.text = Files.readAllLines(path);
        for (int line = 1; line <= text.size(); line++) {
            read(text.get(line - 1), line);
        }
    }

    private void read(String line, long number) {
        Matcher mark = MARK.matcher(line);
        while (mark.find()) {
            String function = mark.group(2);
            if (mark.group(1).startsWith("starts")) {
                start(function, number);
            }
            if (mark.group(1).endsWith("line")) {
                line(mark.group(3) == null ? function : function + " " + mark.group(3), number);
            }
        }
        Matcher generated = GENERATED.matcher(line);
        if (generated.find()) {
            String function = generated.group(2);
            switch (generated.group(1)) {
                case "starts" -> start(function, Long.parseLong(generated.group(3)));
                case "line" -> line(function, Long.parseLong(generated.group(3)));
                default -> files.put(function, generated.group(3));
            }
        }
    }

    private void start(String function, long line) {
        if (starts.put(function, line) != null) {
            throw new AssertionError(path + " has two functions " + function);
        }
    }

    private void line(String words, long line) {
        lines.computeIfAbsent(words, _ -> new TreeSet<>()).add(line);
    }

    /** Those that a version may show. */
    List<Chain> chains(int minor) throws IOException {
        List<Chain> chains = new ArrayList<>();
        for (String line : text) {
            Matcher chain = CHAIN.matcher(line);
            if (chain.matches()
                    && minor >= number(chain.group(1), 0)
                    && minor <= number(chain.group(2), Integer.MAX_VALUE)) {
                chains.add(chain(chain.group(3)));
            }
        }
        if (chains.isEmpty()) {
            throw new AssertionError(path + " has no chain for 3." + minor);
        }
        return chains;
    }

    private static int number(@Nullable String digits, int otherwise) {
        return digits == null ? otherwise : Integer.parseInt(digits);
    }

    private Chain chain(String words) throws IOException {
        List<Chain.Link> links = new ArrayList<>();
        Set<String> own = new HashSet<>(Set.of(path.toString()));
        for (String link : repeated(words).split(ARROW, -1)) {
            Matcher foreign = FOREIGN.matcher(link);
            if (foreign.matches()) {
                Path other = path.resolveSibling(foreign.group(2));
                own.add(other.toString());
                links.add(new Chain.One(new Source(other).place(foreign.group(1))));
            } else {
                links.add(link(link));
            }
        }
        return new Chain(links, own);
    }

    private static String repeated(String words) {
        return REPEATED.matcher(words)
                .replaceAll(match -> Matcher.quoteReplacement(
                        String.join(ARROW, Collections.nCopies(Integer.parseInt(match.group(2)), match.group(1)))));
    }

    private Chain.Link link(String words) {
        if (words.equals("...")) {
            return new Chain.Library();
        }
        return words.endsWith("*")
                ? new Chain.Any(place(words.substring(0, words.length() - 1)))
                : new Chain.One(place(words));
    }

    private Place place(String words) {
        String function = words.split(" ", -1)[0];
        Long start = starts.get(function);
        Set<Long> on = lines.get(words);
        if (start == null || on == null) {
            throw new AssertionError(path + " has no mark for " + words);
        }
        return new Place(function, files.getOrDefault(function, path.toString()), start, on);
    }
}
