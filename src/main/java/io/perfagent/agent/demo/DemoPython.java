package io.perfagent.agent.demo;

import io.perfagent.model.CannotStartException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A CPython of this machine whose perf trampoline can be switched on, or else the one that the build can fetch, or else one whose frames can
 * be read.
 *
 * @param command starts it
 * @param trampoline whether its perf trampoline can be switched on
 */
record DemoPython(Path command, boolean trampoline) {
    /** Set by the launcher of the work tree: where it is. */
    private static final String HOME = "perfagent.home";

    /** Prints {@code usable}, and where the interpreter is, if the trampoline works here; the map it leaves is removed. Else {@code readable}. */
    private static final String PROBE = """
            import os, sys, sysconfig
            if sys.version_info >= (3, 12) and not sysconfig.get_config_var("Py_GIL_DISABLED"):
                sys.activate_stack_trampoline("perf")
                sys.deactivate_stack_trampoline()
                try:
                    os.unlink("/tmp/perf-%d.map" % os.getpid())
                except OSError:
                    pass
                print("usable", sys.executable)
            elif (3, 6) <= sys.version_info < (3, 12):
                print("readable", sys.executable)
            """;

    static DemoPython find() throws CannotStartException {
        Path readable = null;
        for (Path candidate : candidates(System.getenv("PATH"), System.getenv().getOrDefault("HOME", "/"))) {
            String said = Files.isExecutable(candidate) ? output(candidate.toString(), "-c", PROBE) : "";
            if (said.startsWith("usable")) {
                return new DemoPython(candidate, true);
            }
            if (said.startsWith("readable") && readable == null) {
                readable = candidate;
            }
        }
        Path fetched = fetch();
        if (fetched != null) {
            return new DemoPython(fetched, true);
        }
        if (readable != null) {
            return new DemoPython(readable, false);
        }
        throw new CannotStartException("no CPython 3.6 or later found: install one as python3 on the PATH");
    }

    private static List<Path> candidates(String path, String home) {
        List<Path> candidates = new ArrayList<>();
        for (String directory : path.split(File.pathSeparator, -1)) {
            for (String name : List.of("python3.14", "python3.13", "python3.12", "python3")) {
                candidates.add(Path.of(directory, name));
            }
        }
        candidates.addAll(pyenv(Path.of(home, ".pyenv", "versions")));
        return candidates;
    }

    /** Newest first. */
    private static List<Path> pyenv(Path versions) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(versions, "3.1[2-9].*")) {
            directories.forEach(version -> found.add(version.resolve("bin/python3")));
        } catch (IOException _) {
            // no pyenv
        }
        found.sort(Comparator.reverseOrder());
        return found;
    }

    private static @Nullable Path fetch() {
        Path script = Path.of(System.getProperty(HOME, ""), "scripts", "demo-python");
        String python = Files.isExecutable(script) ? output(script.toString()).strip() : "";
        return python.isEmpty() ? null : Path.of(python);
    }

    /** What a command prints; nothing where it fails or takes too long. */
    private static String output(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0 ? text : "";
        } catch (IOException _) {
            return "";
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
