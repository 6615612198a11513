package io.perfagent.targetfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Mapping;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that the dynamic loader says an interpreter is linked with, against those found in a process of it that has loaded more. */
class LinkedFilesIT {
    private static final Pattern FILE = Pattern.compile("(?:=> |\\t)(/\\S+) \\(");
    private static final String LOADER = "/lib64/ld-linux-x86-64.so.2";
    private static final String SCRIPT = "import sqlite3, ssl, time; print('ready', flush=True); time.sleep(60)";

    static List<Interpreter> interpreters() {
        return Interpreter.oneOfEachVersion();
    }

    @ParameterizedTest
    @MethodSource("interpreters")
    void asTheDynamicLoaderSays(Interpreter python) throws Exception {
        try (TargetProgram target =
                TargetProgram.start(Map.of(), List.of(python.command().toString(), "-c", SCRIPT))) {
            List<Mapping> code = ProcMaps.readExecutable(target.pid());
            List<Mapping> linked = LinkedFiles.of(target.pid(), code);

            assertThat(paths(linked)).isEqualTo(expected(target.pid()));
            assertThat(paths(code)).hasSizeGreaterThan(paths(linked).size() + 2);
            assertThat(linked).anyMatch(Mapping::isVdso);
        }
    }

    private static Set<String> paths(List<Mapping> mappings) {
        return mappings.stream()
                .filter(mapping -> mapping.isFile() && mapping.executable())
                .map(Mapping::path)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** By the dynamic loader of the target's own root and environment. */
    private static Set<String> expected(int pid) throws Exception {
        Path root = Path.of("/proc/" + pid + "/root").toRealPath();
        Path program = Path.of("/proc/" + pid + "/exe").toRealPath();
        String libraries = Files.readString(Path.of("/proc/" + pid + "/environ"))
                .lines()
                .flatMap(text -> Stream.of(text.split("\0", -1)))
                .filter(variable -> variable.startsWith("LD_LIBRARY_PATH="))
                .findAny()
                .orElse("LD_LIBRARY_PATH=");
        String inRoot = "/" + root.relativize(program);
        String said = Tool.output("env", libraries, "chroot", root.toString(), LOADER, "--list", inRoot);
        Set<String> files = new TreeSet<>(Set.of(program.toString()));
        for (MatchResult file : FILE.matcher(said).results().toList()) {
            files.add(root.resolve(file.group(1).substring(1)).toRealPath().toString());
        }
        return files;
    }
}
