package io.perfagent.cli;

import io.perfagent.config.ConfigFile;
import io.perfagent.model.ContinuousRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * The settings of a run that goes on, from three places: options, then the environment ({@code PERF_AGENT_KEEP_FOR}), then the file
 * ({@code keep-for = "24h"}). Whatever comes from the last two is parsed as if it had been typed.
 */
final class RunSettings {
    static final Path FILE = Path.of("/etc/perf-agent/config.toml");
    private static final String VARIABLE = "PERF_AGENT_";
    private static final String LINE = "%-18s %-24s %s";
    /** They say where settings are, and are none. */
    private static final Set<String> NONE = Set.of("config", "check-config", "help", "version");
    /** Who names one kind of targets means no others. */
    private static final Set<String> TARGETS = Set.of("pid", "name", "all");

    private final Map<String, OptionSpec> options = new LinkedHashMap<>();
    private final Map<String, Setting> set = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private final Set<String> unused = new TreeSet<>();

    /** A value, and who says so: {@code --every}, {@code PERF_AGENT_EVERY}, {@code /etc/perf-agent/config.toml:3}. */
    private record Setting(List<String> values, String place) {}

    private RunSettings(ParseResult given) {
        for (OptionSpec option : given.commandSpec().options()) {
            String key = key(option);
            if (!NONE.contains(key)) {
                options.put(key, option);
            }
        }
    }

    /**
     * Reads them.
     *
     * @param given what was typed
     * @param file named by the user; null for the usual one, which may be missing
     */
    static RunSettings read(ParseResult given, @Nullable String file, Map<String, String> environment) {
        RunSettings settings = new RunSettings(given);
        settings.take(typed(given, settings.options));
        settings.take(settings.variables(environment));
        ConfigFile config = ConfigFile.read(file == null ? FILE : Path.of(file), file != null);
        settings.problems.addAll(config.problems());
        Map<String, Setting> inFile = new LinkedHashMap<>();
        config.settings().forEach((key, setting) -> inFile.put(key, new Setting(setting.values(), setting.place())));
        settings.take(inFile);
        return settings;
    }

    /** The request; null where something is wrong. */
    @Nullable
    ContinuousRequest request() {
        RunOptions all = new RunOptions();
        try {
            new CommandLine(CommandLine.Model.CommandSpec.forAnnotatedObject(all)).parseArgs(arguments());
        } catch (ParameterException e) {
            problems.add(withPlace(String.valueOf(UsageErrors.of(e).getMessage())));
            return null;
        }
        List<String> wrong = new ArrayList<>();
        ContinuousRequest request = RunRules.request(all, wrong);
        wrong.forEach(problem -> problems.add(withPlace(problem)));
        return problems.isEmpty() ? request : null;
    }

    List<String> problems() {
        return List.copyOf(problems);
    }

    /** A line for each setting: what would be used, and who says so. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        options.forEach((key, option) -> {
            Setting setting = set.get(key);
            String value = setting == null ? String.valueOf(option.defaultValue()) : String.join(", ", setting.values);
            if (key.equals("push") && setting != null) {
                value = PushRules.whole(setting.values).stream()
                        .map(PushRules::shown)
                        .collect(Collectors.joining(", "));
            }
            String shown = setting == null && option.defaultValue() == null ? "-" : value;
            lines.add(String.format(
                    Locale.ROOT, LINE, key, OneLine.of(shown), setting == null ? "default" : setting.place));
        });
        unused.forEach(name -> lines.add(String.format(Locale.ROOT, LINE, name, "not used", "environment")));
        return lines;
    }

    /** What nobody of higher rank has said. */
    private void take(Map<String, Setting> lower) {
        boolean targets = set.keySet().stream().anyMatch(TARGETS::contains);
        lower.forEach((key, setting) -> {
            OptionSpec option = options.get(key);
            if (option == null) {
                problems.add(setting.place + ": " + OneLine.of(key) + " is no setting: there are "
                        + String.join(", ", options.keySet()));
            } else if (!isFlag(option) || isTruth(key, setting)) {
                if (!targets || !TARGETS.contains(key)) {
                    set.putIfAbsent(key, setting);
                }
            }
        });
    }

    private boolean isTruth(String key, Setting setting) {
        String value = String.join(",", setting.values);
        if (!value.equals("true") && !value.equals("false")) {
            problems.add(setting.place + ": " + key + " is " + OneLine.of(value) + ": write true or false");
            return false;
        }
        return true;
    }

    private static Map<String, Setting> typed(ParseResult given, Map<String, OptionSpec> options) {
        Map<String, Setting> typed = new LinkedHashMap<>();
        options.forEach((key, option) -> {
            if (given.hasMatchedOption(option)) {
                List<String> values = given.matchedOption(option.longestName()).originalStringValues();
                typed.put(key, new Setting(isFlag(option) ? List.of("true") : values, option.longestName()));
            }
        });
        return typed;
    }

    private Map<String, Setting> variables(Map<String, String> environment) {
        Map<String, String> keys =
                options.keySet().stream().collect(Collectors.toMap(RunSettings::variable, key -> key));
        Map<String, Setting> variables = new LinkedHashMap<>();
        environment.forEach((name, value) -> {
            if (name.startsWith(VARIABLE) && !name.equals(VARIABLE + "CONFIG")) {
                String key = keys.get(name);
                if (key == null) {
                    unused.add(name); // orchestrators set variables after the names of services
                } else {
                    boolean many = Objects.requireNonNull(options.get(key)).isMultiValue();
                    variables.put(key, new Setting(many ? List.of(value.split(",", -1)) : List.of(value), name));
                }
            }
        });
        return variables;
    }

    private static String variable(String key) {
        return VARIABLE + key.replace('-', '_').toUpperCase(Locale.ROOT);
    }

    private static String key(OptionSpec option) {
        return option.longestName().replaceFirst("^-+", "");
    }

    private static boolean isFlag(OptionSpec option) {
        return option.type() == boolean.class;
    }

    private String[] arguments() {
        List<String> arguments = new ArrayList<>();
        set.forEach((key, setting) -> {
            OptionSpec option = Objects.requireNonNull(options.get(key));
            String name = option.longestName();
            if (isFlag(option)) {
                arguments.addAll(setting.values.equals(List.of("true")) ? List.of(name) : List.of());
            } else {
                setting.values.forEach(value -> arguments.add(name + "=" + value));
            }
        });
        return arguments.toArray(String[]::new);
    }

    /** A line of what is wrong begins with the option; who has set that knows it by another name. */
    private String withPlace(String problem) {
        String option = problem.split("[ :=]", 2)[0];
        Setting setting = option.startsWith("--") ? set.get(option.substring(2)) : null;
        return setting == null || setting.place.equals(option) ? problem : setting.place + ": " + problem;
    }
}
