package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Pprof;
import io.perfagent.testing.TargetProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process in a real cgroup, named as the kubelet and containerd name them: what pprof says of its samples. */
@Timeout(60)
class CgroupLabelsIT {
    private static final Path CHAIN =
            Path.of("src", "test", "workloads", "chain.py").toAbsolutePath();
    private static final String ID = "5eed917563583925ffdbd40a64efb2aaffe58638e57add8becaf460fe74f5b1c";
    private static final String POD = "a5c1f8d5_1919_434d_add7_4afaafdaef89";

    @TempDir
    private Path directory;

    private Path slice;
    private Path scope;

    @BeforeEach
    void makeCgroup() throws IOException {
        slice = hierarchy().resolve("kubepods-burstable-pod" + POD + ".slice");
        scope = Files.createDirectories(slice.resolve("cri-containerd-" + ID + ".scope"));
    }

    /** A cgroup goes when its last process has been collected. */
    @AfterEach
    void removeCgroup() throws Exception {
        while (!Files.readString(scope.resolve("cgroup.procs")).isEmpty()) {
            Thread.sleep(20);
        }
        Files.delete(scope);
        Files.delete(slice);
    }

    private static Path hierarchy() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/mounts"))) {
            String[] fields = line.split(" ", -1);
            if (fields[2].equals("cgroup2")) {
                return Path.of(fields[1]);
            }
        }
        throw new AssertionError("no cgroup version 2 is mounted");
    }

    @Test
    void samplesAreLabelledAlsoWhenTheProcessHasEnded() throws Exception {
        String python = Interpreter.oneOfEachVersion().getFirst().command().toString();
        Process run;
        try (TargetProgram target = TargetProgram.start(TargetProgram.PACED, List.of(python, CHAIN.toString()))) {
            Files.writeString(scope.resolve("cgroup.procs"), Integer.toString(target.pid()));
            run = Agent.start(
                    directory,
                    "--profile",
                    "--pid=" + target.pid(),
                    "--inject-python",
                    "--duration=60s",
                    "--profile-output=labelled.pb.gz");
            assertThat(run.errorReader().readLine()).startsWith("profiling ");
            assertThat(run.errorReader().readLine()).startsWith("python inject activated"); // sampling begins
            Thread.sleep(2000);
        }
        String log = String.join("\n", run.errorReader().lines().toList());
        assertThat(run.waitFor()).as(log).isZero();
        String tags = Pprof.output("-tags", directory.resolve("labelled.pb.gz").toString())
                .replaceAll("[ \\t]+", " ");
        System.out.println(tags);
        assertThat(tags)
                .contains("( 100%): " + ID, "( 100%): " + POD.replace('_', '-'))
                .doesNotContain("cgroup: ");
    }
}
