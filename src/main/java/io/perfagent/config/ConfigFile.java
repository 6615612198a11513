package io.perfagent.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * A file of settings, TOML: {@code every = "15s"}, {@code all = true}, {@code name = ["gunicorn", "celery"]}.
 *
 * @param settings by key, in the order of the file
 * @param problems {@code file:line: what}; what is right is among the settings nevertheless
 */
public record ConfigFile(Map<String, Setting> settings, List<String> problems) {
    private static final int MOST_BYTES = 1 << 20;
    /** By which people say that they want none. */
    private static final Path NOTHING = Path.of("/dev/null");

    /**
     * What a key is set to.
     *
     * @param values one, or those of an array, as text
     * @param place {@code file:line}
     */
    public record Setting(List<String> values, String place) {}

    /** Nothing where there is no such file. */
    public static ConfigFile read(Path file, boolean needed) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        try {
            if (needed || Files.exists(file)) {
                read(file, settings, problems);
            }
        } catch (CharacterCodingException _) {
            problems.add(file + ": is no UTF-8 text: write it anew");
        } catch (IOException e) {
            problems.add(file + ": cannot be read (" + e + "): name a file that can");
        }
        return new ConfigFile(settings, problems);
    }

    private static void read(Path file, Map<String, Setting> settings, List<String> problems) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file) && !file.equals(NOTHING)) {
            problems.add(
                    file + ": is no regular file: name one, which can be read again"); // a pipe would be waited for
            return;
        }
        if (Files.size(file) > MOST_BYTES) {
            problems.add(file + ": is larger than a file of settings: name another");
            return;
        }
        TomlParseResult toml = Toml.parse(Files.readString(file));
        for (TomlParseError error : toml.errors()) {
            problems.add(place(file, error.position()) + ": " + error.getMessage());
        }
        for (Map.Entry<String, Object> entry : toml.entrySet()) {
            String place = place(file, toml.inputPositionOf(List.of(entry.getKey())));
            if (entry.getValue() instanceof TomlTable) {
                problems.add(place + ": [" + entry.getKey() + "] is a table, and there are none: write key = value");
            } else if (entry.getValue() instanceof TomlArray array && !isFlat(array)) {
                problems.add(place + ": " + entry.getKey()
                        + " holds lists or tables: write a list of values, key = [\"a\", \"b\"]");
            } else {
                settings.put(entry.getKey(), new Setting(values(entry.getValue()), place));
            }
        }
    }

    private static boolean isFlat(TomlArray array) {
        return array.toList().stream().noneMatch(value -> value instanceof TomlArray || value instanceof TomlTable);
    }

    private static List<String> values(Object value) {
        return value instanceof TomlArray array
                ? array.toList().stream().map(String::valueOf).toList()
                : List.of(String.valueOf(value));
    }

    private static String place(Path file, @Nullable TomlPosition position) {
        return file + ":" + (position == null ? 1 : position.line());
    }
}
