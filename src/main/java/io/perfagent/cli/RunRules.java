package io.perfagent.cli;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.ContinuousRequest;
import io.perfagent.model.ProfileRequest;
import io.perfagent.push.PushTarget;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns options of a run that goes on into a request, or into all the reasons why they make none. */
final class RunRules {
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final Pattern DAYS = Pattern.compile("([1-9]\\d{0,3})d");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)(KiB|MiB|GiB|TiB)");
    private static final Map<String, Long> UNITS =
            Map.of("KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "TiB", 1L << 40);
    private static final long SMALLEST = 1 << 20;
    private static final Pattern LISTEN = Pattern.compile("(?:(\\[[0-9a-fA-F:.]+]|[^:\\[\\]/\\s]+):)?(\\d{1,5})");
    private static final int HIGHEST_PORT = 65_535;

    private final RunOptions options;
    private final List<String> problems = new ArrayList<>();

    /** One of the rules. */
    private interface Rule<T> {
        T value() throws WrongUsageException, CannotStartException;
    }

    private RunRules(RunOptions options) {
        this.options = options;
    }

    /**
     * The request.
     *
     * @param problems gets a line for each option that is wrong, which begins with its name
     * @return null where there are any
     */
    static @Nullable ContinuousRequest request(RunOptions options, List<String> problems) {
        RunRules rules = new RunRules(options);
        ContinuousRequest request = rules.request();
        problems.addAll(rules.problems);
        return rules.problems.isEmpty() ? request : null;
    }

    private @Nullable ContinuousRequest request() {
        ProfileRequest profile = checked(this::profile);
        Duration every = checked(this::every);
        Path directory = checked(this::directory);
        Duration keepFor = checked(this::keepFor);
        Long keepBytes = checked(() -> size("--keep-size", options.keepSize));
        Long queueBytes = checked(() -> size("--push-queue-size", options.pushQueueSize));
        List<String> stores = PushRules.whole(options.pushes);
        List<PushTarget> known = checked(() -> PushRules.targets(stores));
        String where = options.listen;
        InetSocketAddress listen = where == null ? null : checked(() -> listen(where));
        List<String> names = checked(() -> TargetRules.names(options.targets));
        List<Integer> pids = checked(() -> TargetRules.numbers(options.targets));
        boolean all = options.all || options.targets.none();
        if (options.all && !options.targets.none()) {
            problems.add("--all beside --pid or --name: give one of them");
        }
        if (profile == null
                || every == null
                || directory == null
                || keepFor == null
                || keepBytes == null
                || queueBytes == null
                || known == null
                || names == null
                || pids == null) {
            return null;
        }
        return new ContinuousRequest(
                profile.endless(pids, all, every), names, directory, keepFor, keepBytes, stores, queueBytes, listen);
    }

    private <T> @Nullable T checked(Rule<T> rule) {
        try {
            return rule.value();
        } catch (WrongUsageException | CannotStartException e) {
            problems.add(String.valueOf(e.getMessage()));
            return null;
        }
    }

    /** All but targets and intervals is as in a run that ends. */
    private ProfileRequest profile() throws WrongUsageException, CannotStartException {
        ProfileOptions same = new ProfileOptions();
        same.all = true;
        same.duration = "1h";
        same.sampleRate = options.sampleRate;
        same.unwind = "auto";
        same.profile = options.profile;
        same.offCpu = options.offCpu;
        same.offCpuMin = options.offCpuMin;
        same.offCpuThreshold = options.offCpuThreshold;
        same.wakers = options.wakers;
        same.wall = options.wall;
        same.wallMin = options.wallMin;
        same.pythonFrames = options.pythonFrames;
        same.tags = options.tags;
        ProfileRequest request = RequestRules.request(same);
        if (options.noChildren && (options.all || options.targets.none())) {
            throw new WrongUsageException("--no-children has nothing to leave out where every process is profiled");
        }
        return options.noChildren ? request.withoutChildren() : request;
    }

    private Duration every() throws WrongUsageException {
        Duration every = Durations.parse("--every", options.every);
        if (every.compareTo(SHORTEST) < 0 || every.compareTo(LONGEST) > 0) {
            throw new WrongUsageException(
                    "--every " + OneLine.of(options.every) + " is no length of an interval: give 1s to 1h");
        }
        return every;
    }

    private Path directory() throws WrongUsageException {
        try {
            Path directory = Path.of(options.directory);
            if (directory.isAbsolute()) {
                return directory.normalize();
            }
        } catch (InvalidPathException _) {
            // said below
        }
        throw new WrongUsageException("--directory " + OneLine.of(options.directory)
                + " is no absolute path: give one such as /var/lib/perf-agent");
    }

    private Duration keepFor() throws WrongUsageException {
        Matcher days = DAYS.matcher(options.keepFor);
        return days.matches()
                ? Duration.ofDays(Long.parseLong(days.group(1)))
                : Durations.parse("--keep-for", options.keepFor);
    }

    private static long size(String option, String text) throws WrongUsageException {
        Matcher size = SIZE.matcher(text);
        if (size.matches()) {
            BigDecimal bytes =
                    new BigDecimal(size.group(1)).multiply(BigDecimal.valueOf(UNITS.getOrDefault(size.group(2), 0L)));
            if (bytes.compareTo(BigDecimal.valueOf(SMALLEST)) >= 0
                    && bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0) {
                return bytes.longValue();
            }
        }
        throw new WrongUsageException(
                option + " " + OneLine.of(text) + " is no size: give 1MiB or more, such as 500MiB or 2GiB");
    }

    /** Of a host that is given by name the address that it has now. */
    private static InetSocketAddress listen(String text) throws WrongUsageException {
        Matcher parts = LISTEN.matcher(text);
        if (parts.matches() && Integer.parseInt(parts.group(2)) <= HIGHEST_PORT) {
            String host = parts.group(1) == null ? "127.0.0.1" : parts.group(1);
            InetSocketAddress address = new InetSocketAddress(host, Integer.parseInt(parts.group(2)));
            if (!address.isUnresolved()) {
                return address;
            }
        }
        throw new WrongUsageException("--listen " + OneLine.of(text)
                + " is nowhere to listen: give a port such as 9464, which is on loopback, or HOST:PORT");
    }
}
