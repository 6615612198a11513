package io.perfagent.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.ContinuousRequest;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.UnwindMode;
import io.perfagent.report.Log;
import io.perfagent.sink.Metric;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectorySinkTest {
    @TempDir
    private Path directory;

    private double kept(Map<String, String> environment) throws Exception {
        ProfileRequest profile = new ProfileRequest(
                List.of(), true, true, Duration.ofHours(1), 19, UnwindMode.AUTO, false, false, null, List.of());
        ContinuousRequest request = new ContinuousRequest(
                profile, List.of(), directory, Duration.ofDays(1), 1 << 30, List.of(), 1 << 20, null);
        Log log = new Log(System.err);
        try (DirectorySink sink = new DirectorySink(request, environment, log)) {
            sink.check();
            return sink.metrics().stream()
                    .filter(metric -> metric.name().equals("directory_files"))
                    .mapToDouble(Metric::value)
                    .sum();
        }
    }

    /** A pod's name is another each time, the node's is not. */
    @Test
    void filesOfAPodBearTheNodesName() throws Exception {
        var _ = Files.createFile(directory.resolve("node_7-20260101T000000Z-on-cpu.pb.gz"));
        assertThat(kept(Map.of("NODE_NAME", "node/7"))).isEqualTo(1);
        assertThat(kept(Map.of())).isZero();
    }
}
