package io.perfagent.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.output.proto.ProfileProto;
import io.perfagent.testing.ClockOfOne;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Runs that are killed at random instants, in the middle of intervals and of what they send, and a clock that is set. For {@code make stores}: the
 * store is the one with Pyroscope's classes of the wire and its limits, which keeps each profile that it takes as a file.
 */
@Execution(ExecutionMode.CONCURRENT)
class StoreFaultsCheck {
    private static final Path SERVER = Path.of(System.getProperty("stores", "missing"), "pyroscope");
    private static final int KILLS = Integer.getInteger("stores.kills", 20);
    private static final int LONGEST_ANSWER_MILLIS = 400;
    private static final int LONGEST_LIFE_MILLIS = 1500;

    @TempDir
    Path directory;

    private Path taken;
    private String url;

    private StoreServer store() throws Exception {
        int port = StoreServer.freePort();
        taken = Files.createDirectory(directory.resolve("taken"));
        url = "http://127.0.0.1:" + port;
        List<String> command = List.of(SERVER.toString(), "127.0.0.1:" + port, taken.toString());
        return StoreServer.start(command, directory, url + "/ready");
    }

    /** Time and nanoseconds of each file, all of which are whole. A time that is there twice is a profile that is. */
    private static Map<Long, List<Long>> profiles(Path directory) throws IOException {
        Map<Long, List<Long>> profiles = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(".pb.gz")).toList()) {
                try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
                    ProfileProto.Profile profile = ProfileProto.Profile.parseFrom(in);
                    long nanos = profile.getSampleList().stream()
                            .mapToLong(sample -> sample.getValue(sample.getValueCount() - 1))
                            .sum();
                    if (nanos > 0) { // of a busy machine an interval may have no samples, and nothing is to be sent
                        profiles.computeIfAbsent(profile.getTimeNanos(), _ -> new ArrayList<>())
                                .add(nanos);
                    }
                }
            }
        }
        return profiles;
    }

    private static long said(Path run, String pattern) throws IOException {
        Pattern wanted = Pattern.compile(pattern);
        long sum = 0;
        try (Stream<Path> logs = Files.list(run)) {
            for (Path log : logs.filter(one -> one.toString().endsWith(".log")).toList()) {
                sum += wanted.matcher(Files.readString(log))
                        .results()
                        .mapToLong(found -> found.groupCount() == 0 ? 1 : Long.parseLong(found.group(1)))
                        .sum();
            }
        }
        return sum;
    }

    @Test
    void runsThatAreKilled() throws Exception {
        SplittableRandom random = new SplittableRandom(42);
        Path logs = directory.resolve("run");
        Set<Long> newest = new HashSet<>();
        int sending = 0;
        try (StoreServer _ = store()) {
            byte[] _ = StoreServer.get(url + "/slow?millis=" + LONGEST_ANSWER_MILLIS);
            try (PushingRun run = PushingRun.start(logs, "pyroscope+" + url, "1s")) {
                for (int kill = 0; kill < KILLS; kill++) {
                    run.awaitFile();
                    Thread.sleep(random.nextInt(LONGEST_LIFE_MILLIS));
                    run.killNow();
                    sending += PushingRun.files(logs, ".sending");
                    newest.addAll(new TreeMap<>(profiles(run.profiles()))
                            .descendingKeySet().stream().limit(1).toList());
                    run.startAgain();
                }
                run.awaitSampling();
                run.awaitTaken();
                assertThat(run.ended()).contains("waiting=0 refused=0");
            }
        }
        Map<Long, List<Long>> files = profiles(logs.resolve("profiles"));
        Map<Long, List<Long>> stored = profiles(taken);
        assertThat(files.values()).allMatch(one -> one.size() == 1);
        assertThat(stored.values()).as("nothing is there twice").allMatch(one -> one.size() == 1);
        Set<Long> both = new HashSet<>(files.keySet());
        both.retainAll(stored.keySet());
        assertThat(both).allMatch(time -> files.get(time).equals(stored.get(time)));
        Set<Long> missing = new HashSet<>(files.keySet());
        missing.removeAll(both);
        long unconfirmed = said(logs, "push goes on .* unconfirmed=(\\d+)");
        long killed = said(logs, "the run before was killed");
        assertThat(unconfirmed).as("what was being sent").isEqualTo(sending);
        assertThat(killed).isEqualTo(KILLS);
        assertThat(missing.stream().filter(time -> !newest.contains(time)).count())
                .as("missing, and neither being sent nor just cut off")
                .isLessThanOrEqualTo(unconfirmed);
        System.out.printf(
                "kills: %d: %d intervals in files, %d in the store, none twice, none half; in files only %d, in the store only %d;"
                        + " said at the next start: %d times that the run was killed, %d unfinished files, %d profiles unconfirmed, %d unwritten%n",
                KILLS,
                files.size(),
                stored.size(),
                missing.size(),
                stored.size() - both.size(),
                killed,
                said(logs, "the run before was killed.* unfinished=(\\d+)"),
                unconfirmed,
                said(logs, "push goes on .* unwritten=(\\d+)"));
    }

    /** Pyroscope takes what is at most an hour old and ten minutes of the future: the rest is refused, counted, and in the files. */
    @Test
    void aClockThatIsSet() throws Exception {
        ClockOfOne clock = ClockOfOne.in(directory);
        Path logs = directory.resolve("run");
        long refused;
        try (StoreServer _ = store();
                PushingRun run = PushingRun.start(logs, "pyroscope+" + url, "1s", clock.environment())) {
            run.awaitSampling();
            run.awaitTaken();
            for (Duration ahead : List.of(Duration.ofHours(2), Duration.ofHours(-2), Duration.ofMinutes(5))) {
                clock.set(ahead);
                run.awaitTaken();
                run.awaitTaken();
            }
            clock.set(Duration.ZERO);
            run.awaitTaken();
            refused = (long) run.metric("push_lost_profiles_total\\{cause=\"refused\"[^}]*}");
            assertThat(run.ended()).contains("waiting=0 refused=" + refused + " unconfirmed=0 dropped=0");
        }
        int files = profiles(logs.resolve("profiles")).size();
        int stored = profiles(taken).size();
        assertThat(refused).isPositive();
        assertThat(stored).isEqualTo(files - refused);
        System.out.printf(
                "clock set by 2 h, -2 h, 5 min: %d intervals in files, %d in the store, %d refused%n",
                files, stored, refused);
    }
}
