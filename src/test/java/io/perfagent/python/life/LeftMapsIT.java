package io.perfagent.python.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A service with a process for each request: the map of each child would stay for good. */
class LeftMapsIT {
    /**
     * Forks until sixty children have been on. Each writes a new file, for an older one of its number is not its own. Some then put a
     * link there, or give the file to somebody else.
     */
    private static final String PROGRAM = """
            import os, signal, sys, time
            def burn(n):
                return sum(i & 7 for i in range(n))
            def link(path):
                os.unlink(path)
                os.symlink("/nowhere", path)
            def give(path):
                os.chown(path, 65534, 65534)
            written, kept = [], []
            failed = False
            print("ready", flush=True)
            while len(written) + len(kept) < 60:
                on = sys.is_stack_trampoline_active()
                n = len(written) + len(kept)
                child = os.fork()
                if child == 0:
                    path = "/tmp/perf-%d.map" % os.getpid()
                    if os.path.lexists(path):
                        os.unlink(path)
                    burn(3000)
                    if on:
                        assert os.path.getsize(path) > 0
                        if n % 6 == 4: link(path)
                        if n % 6 == 5: give(path)
                    os._exit(0)
                failed |= os.waitpid(child, 0)[1] != 0
                if on:
                    (kept if n % 6 >= 4 else written).append(child)
                time.sleep(0.01)
            print("failed" if failed else "forked", flush=True)
            print(*written, flush=True)
            print(*kept, flush=True)
            while True:
                burn(100)
                time.sleep(0.001)
            """;

    @TempDir
    private Path directory;

    static List<Interpreter> interpreters(TestInfo test) {
        return MapGrowthIT.interpreters(test);
    }

    @ParameterizedTest
    @MethodSource("interpreters")
    void areRemovedWhereNobodyElseCanHaveMadeThem(Interpreter interpreter) throws Exception {
        List<String> command = List.of(interpreter.command().toString(), "-c", PROGRAM);
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            Process run = Agent.start(
                    directory,
                    "--pid",
                    Integer.toString(target.pid()),
                    "--duration",
                    "5s",
                    "--inject-python",
                    "--output",
                    "forks.pb.gz");
            String err = new String(run.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(run.waitFor()).as(err).isZero();
            assertThat(target.nextLine()).isEqualTo("forked");
            List<Path> written = maps(target, target.nextLine());
            List<Path> kept = maps(target, target.nextLine());
            List<Path> left = kept.stream().filter(LeftMapsIT::isThere).toList();
            for (Path map : left) {
                Files.delete(map);
            }
            assertThat(written).noneMatch(LeftMapsIT::isThere);
            assertThat(left).hasSize(20).isEqualTo(kept);
            assertThat(maps(target, Integer.toString(target.pid()))).allMatch(LeftMapsIT::isThere);
        }
    }

    private static List<Path> maps(TargetProgram target, String pids) {
        return Stream.of(pids.split(" ", -1))
                .map(pid -> Path.of("/proc/" + target.pid() + "/root/tmp/perf-" + pid + ".map"))
                .toList();
    }

    private static boolean isThere(Path map) {
        return Files.exists(map, LinkOption.NOFOLLOW_LINKS);
    }
}
