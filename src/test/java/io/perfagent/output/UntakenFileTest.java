package io.perfagent.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Default names: what is there stays. */
class UntakenFileTest {
    private static final int RUNS = 16;

    @TempDir
    Path directory;

    private Path write(String content) throws Exception {
        UntakenFile file = new UntakenFile(directory, "shop-on-cpu", ".pb.gz");
        file.check();
        return file.write(out -> out.write(content.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void theSecondOfAMinuteHasANumber() throws Exception {
        assertThat(write("first"))
                .isEqualTo(directory.resolve("shop-on-cpu.pb.gz"))
                .hasContent("first");
        assertThat(write("second"))
                .isEqualTo(directory.resolve("shop-on-cpu-2.pb.gz"))
                .hasContent("second");
        assertThat(write("third")).isEqualTo(directory.resolve("shop-on-cpu-3.pb.gz"));
        assertThat(directory.resolve("shop-on-cpu.pb.gz")).hasContent("first");
    }

    /** A link that leads nowhere has the name, too. */
    @Test
    void linksAreNotReplaced() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("shop-on-cpu.pb.gz"), Path.of("nowhere"));
        assertThat(write("first")).isEqualTo(directory.resolve("shop-on-cpu-2.pb.gz"));
        assertThat(Files.isSymbolicLink(link)).isTrue();
    }

    @Test
    void runsSideBySideGetANameEach() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(RUNS)) {
            List<Callable<Path>> runs = new ArrayList<>();
            for (int run = 0; run < RUNS; run++) {
                String content = "run " + run;
                runs.add(() -> write(content));
            }
            Set<Path> names = new HashSet<>();
            Set<String> contents = new HashSet<>();
            for (Future<Path> done : threads.invokeAll(runs)) {
                names.add(done.get());
                contents.add(Files.readString(done.get()));
            }
            assertThat(names).hasSize(RUNS);
            assertThat(contents).hasSize(RUNS);
            assertThat(directory).isDirectoryNotContaining("glob:**.partial");
        }
    }
}
