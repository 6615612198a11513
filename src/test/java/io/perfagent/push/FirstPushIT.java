package io.perfagent.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.perfagent.testing.Agent;
import io.perfagent.testing.TargetProgram;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When a store hears of a run that has just been started. */
class FirstPushIT {
    private static final Duration INTERVAL = Duration.ofSeconds(15);
    private static final Path CHAIN = Path.of("target", "workloads", "chain").toAbsolutePath();

    @TempDir
    private Path directory;

    /** The first interval is as long as all others where nobody says how long, and is sent before the second one has ended. */
    @Test
    @Tag("long")
    @Timeout(300)
    void theFirstIntervalIsSentAtOnce() throws Exception {
        try (TestStore store = TestStore.start();
                TargetProgram target = TargetProgram.start(Map.of(), List.of(CHAIN.toString()))) {
            long began = System.nanoTime();
            Process run = Agent.start(
                    directory,
                    "run",
                    "--config",
                    "/dev/null",
                    "--pid",
                    Integer.toString(target.pid()),
                    "--directory",
                    directory.toString(),
                    "--push",
                    "otlp+http://127.0.0.1:" + store.port());
            try {
                while (store.got.isEmpty()) {
                    assertThat(run.isAlive()).isTrue();
                    Thread.sleep(20);
                }
                long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
                List<Path> files = files();
                assertThat(files).as(took + " ms after the start").hasSize(1);
                String said = Agent.saidWhenEnded(run);

                ExportProfilesServiceRequest request =
                        request(store.got.getFirst().body());
                Duration length = length(request);
                System.out.printf(
                        "first profile, of %d ms, in the store %d ms after the start%n", length.toMillis(), took);
                assertThat(length)
                        .as(said)
                        .isBetween(INTERVAL, INTERVAL.multipliedBy(2).minusMillis(1));
                StackSums sent = new StackSums();
                sent.addOtlp(request);
                StackSums written = new StackSums();
                written.addPprof(Files.readAllBytes(files.getFirst()));
                assertThat(sent.total()).isPositive();
                assertThat(sent.differences(written)).isEmpty();
            } finally {
                run.destroyForcibly();
            }
        }
    }

    private List<Path> files() throws Exception {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".pb.gz")).toList();
        }
    }

    private static ExportProfilesServiceRequest request(byte[] body) throws Exception {
        return ExportProfilesServiceRequest.parseFrom(
                new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes());
    }

    private static Duration length(ExportProfilesServiceRequest request) {
        return Duration.ofNanos(request.getResourceProfiles(0)
                .getScopeProfiles(0)
                .getProfiles(0)
                .getDurationNano());
    }
}
