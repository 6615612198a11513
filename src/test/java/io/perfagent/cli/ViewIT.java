package io.perfagent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bench.SyntheticProfile;
import io.perfagent.model.Format;
import io.perfagent.output.Export;
import io.perfagent.output.ProfileFile;
import io.perfagent.testing.Agent;
import io.perfagent.testing.Pprof;
import io.perfagent.testing.Unprivileged;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code view} and {@code diff} as processes, with the heap of a run. */
class ViewIT {
    /** {@code make units} has more. */
    private static final int STACKS = Integer.getInteger("stacks", 15_000);

    @TempDir
    static Path directory;

    private static Path small;

    /** How a process went. */
    private record Outcome(int status, String out, String err) {}

    @BeforeAll
    static void profile() throws Exception {
        small = write("small.pb.gz", 500);
    }

    private static Path write(String name, int stacks) throws Exception {
        Path file = directory.resolve(name);
        var _ = new Export(Format.PPROF, ProfileFile.at(file), false).write(SyntheticProfile.of(stacks, 5 * stacks));
        return file;
    }

    private static Outcome run(List<String> command, Path input) throws IOException, InterruptedException {
        Path errors = Files.createTempFile(directory, "errors", "");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(input.toFile())
                .redirectError(errors.toFile())
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), out, Files.readString(errors));
    }

    private static Outcome run(String... arguments) throws IOException, InterruptedException {
        return run(Agent.command(arguments), Path.of("/dev/null"));
    }

    @Test
    void aTableOnStandardOutput() throws Exception {
        Outcome shown = run("view", "small.pb.gz", "--limit", "3");
        assertThat(shown.err).isEmpty();
        assertThat(shown.status).isZero();
        assertThat(shown.out.lines().toList())
                .hasSize(7)
                .element(2)
                .asString()
                .contains("self  self %", "total  total %  function");
        Outcome piped = run(Agent.command("view", "-", "--limit", "3"), small);
        assertThat(piped.out.lines().skip(1).toList())
                .isEqualTo(shown.out.lines().skip(1).toList());
        assertThat(piped.out).startsWith("standard input: ");
    }

    /** A reader that has enough is no failure. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "view small.pb.gz --limit 0",
                "view small.pb.gz -f folded",
                "diff small.pb.gz small.pb.gz -f folded"
            })
    void whoeverReadsMayStop(String arguments) throws Exception {
        List<String> shell = new ArrayList<>(List.of("sh", "-c", "(\"$@\"; echo $? >status) | head -n 1", "sh"));
        shell.addAll(Agent.command(arguments.split(" ", -1)));
        Outcome outcome = run(shell, Path.of("/dev/null"));
        assertThat(outcome.out).hasLineCount(1);
        assertThat(outcome.err).isEmpty();
        assertThat(Files.readString(directory.resolve("status"))).isEqualTo("0\n");
    }

    /** Nor is it success where a table has no room. */
    @ParameterizedTest
    @ValueSource(strings = {"view small.pb.gz", "view small.pb.gz --tree", "diff small.pb.gz small.pb.gz", "--help"})
    void standardOutputMayBeFull(String arguments) throws Exception {
        List<String> full = new ArrayList<>(List.of("sh", "-c", "\"$@\" >/dev/full", "sh"));
        full.addAll(Agent.command(arguments.split(" ", -1)));
        Outcome outcome = run(full, Path.of("/dev/null"));
        assertThat(outcome.err)
                .isEqualTo("perf-agent: cannot write to standard output: No space left on device: make room, or send it"
                        + " elsewhere\n");
        assertThat(outcome.status).isEqualTo(1);
    }

    @Test
    void asOtherFormats() throws Exception {
        Outcome written = run(
                "view",
                "small.pb.gz",
                "-o",
                "a.html",
                "-o",
                "a.speedscope.json",
                "-o",
                "a.folded",
                "-o",
                "again.pb.gz",
                "-o",
                "folds.pb.gz",
                "--fold-python");
        assertThat(written.status).as(written.err).isZero();
        assertThat(written.out).isEmpty();
        assertThat(written.err).isEmpty(); // nothing is left out of what is ours
        assertThat(Files.readString(directory.resolve("a.html"))).contains("<canvas>");
        assertThat(Pprof.output(directory, "-top", "folds.pb.gz")).doesNotContain("_PyEval_EvalFrameDefault");
        Outcome same = run("view", "small.pb.gz", "-o", "same.pb.gz");
        assertThat(same.status).isZero();
        String raw = Pprof.output(directory, "-raw", "small.pb.gz");
        assertThat(Pprof.output(directory, "-raw", "same.pb.gz")).isEqualTo(raw);
    }

    /** Ten megabytes, packed, in the heap that the launcher gives. */
    @Test
    @Tag("long")
    void aLargeProfile() throws Exception {
        Path large = write("large.pb.gz", STACKS);
        assertThat(Files.size(large)).isGreaterThan(42L * STACKS);
        Outcome shown = run("view", "large.pb.gz", "--limit", "5");
        assertThat(shown.status).as(shown.err).isZero();
        assertThat(shown.out).contains("_PyEval_EvalFrameDefault");
        Outcome tree = run("view", "large.pb.gz", "--tree");
        assertThat(tree.status).as(tree.err).isZero();
        assertThat(tree.out).contains("100.0 %  __libc_start_main");
        Outcome written = run("view", "large.pb.gz", "-o", "large.html");
        assertThat(written.status).as(written.err).isZero();
    }

    @Test
    @Tag("long")
    void moreThanThereIsRoomFor() throws Exception {
        Path bomb = directory.resolve("bomb.pb.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(bomb))) {
            for (int megabyte = 0; megabyte < 300; megabyte++) {
                out.write(new byte[1 << 20]);
            }
        }
        Outcome refused = run("view", "bomb.pb.gz");
        assertThat(refused.status).isEqualTo(1);
        assertThat(refused.err)
                .matches(
                        "perf-agent: cannot read bomb.pb.gz: it is larger than the \\d+ MiB that there is room for, unpacked:"
                                + " take a profile of a shorter time\n");
    }

    @Test
    void whatCannotBeRead() throws Exception {
        Files.writeString(directory.resolve("text"), "main;f 3\n");
        Files.createFile(directory.resolve("empty"));
        assertThat(run("view", "none.pb.gz").err)
                .isEqualTo("perf-agent: cannot read none.pb.gz: there is no such file: is the name right?\n");
        assertThat(run("view", "/tmp").err)
                .isEqualTo("perf-agent: cannot read /tmp: it is a directory: name a file in it\n");
        assertThat(run("view", "empty").err)
                .isEqualTo("perf-agent: cannot read empty: it is empty: was it written to its end?\n");
        assertThat(run("diff", "small.pb.gz", "text").err)
                .startsWith("perf-agent: cannot read text: it is text, and no profile of pprof's");
        assertThat(run("view", "small.pb.gz", "--sample-type", "wall").err)
                .isEqualTo("perf-agent: cannot read small.pb.gz: it has no --sample-type wall: give samples or cpu\n");
    }

    /** Looking at a file takes no right but that to read it. */
    @Test
    void nobodyMayLook(@TempDir Path folder) throws Exception {
        Unprivileged program = Unprivileged.in(folder);
        Path readable = Files.copy(small, folder.resolve("readable.pb.gz"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(readable, PosixFilePermissions.fromString("rw-r--r--"));
        Unprivileged.Outcome shown = program.run(Unprivileged.NOBODY, "view", readable.toString());
        assertThat(shown.status()).as(shown.err()).isZero();
        assertThat(shown.out()).contains("_PyEval_EvalFrameDefault");
        Files.setPosixFilePermissions(readable, PosixFilePermissions.fromString("rw-------"));
        Unprivileged.Outcome refused = program.run(Unprivileged.NOBODY, "view", readable.toString());
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err())
                .isEqualTo("perf-agent: cannot read " + readable
                        + ": permission denied: ask whoever wrote it, or use sudo\n");
    }

    @Test
    void twoProfilesCompared() throws Exception {
        Outcome same = run("diff", "small.pb.gz", "small.pb.gz");
        assertThat(same.status).isZero();
        assertThat(same.out.lines().toList()).hasSize(4).last().asString().startsWith("self was  is  change");
        Path other = write("other.pb.gz", 700);
        Outcome written = run("diff", "small.pb.gz", other.toString(), "-o", "d.html", "-o", "d.folded");
        assertThat(written.status).as(written.err).isZero();
        assertThat(Files.readAllLines(directory.resolve("d.folded"))).allMatch(line -> line.matches(".* \\d+ \\d+"));
    }
}
