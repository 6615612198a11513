package io.perfagent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Pprof;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import io.perfagent.testing.Unprivileged;
import io.perfagent.testing.Unprivileged.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Processes, threads, functions and files choose their names, and may choose them so as to forge a line of the log, drive the terminal
 * that a log or a profile is shown on, or leave the directory. The reader of the profiles is pprof.
 */
class HostileNamesIT {
    /** Newline, ESC [ 2 J, a pair of its own, quotation mark, a byte that is no UTF-8; so the others, where there is room. */
    private static final String FORGED_LINE = "610a1b5b324a7069643d3122ff";

    /** RIGHT-TO-LEFT OVERRIDE, LINE SEPARATOR, CSI of ISO 6429 in UTF-8, and a way out of the directory. */
    private static final String TURNED = "e280aee280a8c29b2f2e2e2f2e2e";

    private static final String AN_OPTION = "2d2d70726f66696c65";
    private static final String A_PARENT = "2e2e2f2e2e2f78";

    /** {@code jit\r ESC ] 0 ; t BEL RLO \xff ZERO WIDTH SPACE ok}. */
    private static final String MAP_NAME = "6a69740d1b5d303b7407e280aeffe2808b6f6b";

    /** A directory of a newline, a pair, quotation mark, ESC, a byte that is no UTF-8 and a space; for printf of a shell. */
    private static final String DIRECTORY = "d\\nx=1 \\042\\033[31m\\377 ";

    private static final String PLACEHOLDER = "NAME_TO_BE_OVERWRITTEN";
    private static final byte[] SYMBOL = bytes("sym\033[31m\n\377x=1 \"\u0085ending");

    /** Words for a person, in which names are escaped. */
    private static final String PLAIN = "( +[0-9.]+ %  |profiling )[ -~]+";

    private static final String LINE = PLAIN
            + "|[A-Za-z][^=]*|([A-Za-z][^=]* )?[a-z_]+=(\"([^\"\\\\]|\\\\.)*\"|[^\\s\"=\\\\]+)( [a-z_]+=(\"([^\"\\\\]|\\\\.)*\"|[^\\s\"=\\\\]+))*";

    private static final List<String> FOUR = List.of(
            "env",
            "LC_ALL=C",
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--inh-caps=-all,+bpf,+perfmon,+sys_ptrace,+checkpoint_restore",
            "--ambient-caps=-all,+bpf,+perfmon,+sys_ptrace,+checkpoint_restore");

    @TempDir
    private static Path folder;

    @TempDir
    private Path directory;

    private static Unprivileged program;

    @BeforeAll
    static void build() throws Exception {
        program = Unprivileged.in(folder);
        Path binary = folder.resolve("hostile");
        Path source = Path.of("src", "test", "workloads", "hostile.c").toAbsolutePath();
        Tool.output("gcc", "-O1", "-o", binary.toString(), source.toString());
        String bytes = Files.readString(binary, StandardCharsets.ISO_8859_1);
        assertThat(SYMBOL).hasSize(PLACEHOLDER.length());
        String renamed = bytes.replace(PLACEHOLDER, new String(SYMBOL, StandardCharsets.ISO_8859_1));
        assertThat(renamed).isNotEqualTo(bytes);
        Files.writeString(binary, renamed, StandardCharsets.ISO_8859_1);
        Tool.output("chmod", "a+rwx", folder.toString());
    }

    private static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Below a directory that has no harmless name either. */
    private TargetProgram target(String comm) throws Exception {
        Tool.output("chmod", "a+rwx", directory.toString());
        String start =
                "d=\"$0/$(printf '" + DIRECTORY + "')\" && mkdir \"$d\" && cp \"$1\" \"$d/x\" && chmod -R a+rX \"$d\""
                        + " && exec \"$d/x\" \"$2\" \"$3\"";
        String binary = folder.resolve("hostile").toString();
        return TargetProgram.start(Map.of(), List.of("sh", "-c", start, directory.toString(), binary, comm, MAP_NAME));
    }

    @ParameterizedTest
    @ValueSource(strings = {FORGED_LINE, TURNED, AN_OPTION, A_PARENT})
    void profile(String comm) throws Exception {
        try (TargetProgram target = target(comm)) {
            Path work = Files.createDirectory(directory.resolve("work"));
            Process run = new ProcessBuilder(program.command(
                            List.of(), "--profile", "--pid", pid(target), "--duration", "1s", "--sample-rate", "999"))
                    .directory(work.toFile())
                    .start();
            String err = strictly(run.getErrorStream().readAllBytes());
            assertThat(run.waitFor()).as(err).isZero();
            expectPlain(err);
            try (Stream<Path> files = Files.list(work)) {
                Path file = files.toList().getFirst();
                assertThat(file.getFileName().toString())
                        .matches("[A-Za-z0-9_][A-Za-z0-9._+-]*-\\d{12}-on-cpu\\.pb\\.gz");
                expectReadable(file);
            }
        }
    }

    /** Paths that cannot be written in the agent's own locale, and files that it reaches by them only. */
    @Test
    void inAnotherLocaleWithoutRoot() throws Exception {
        try (TargetProgram target = target(FORGED_LINE)) {
            Path file = folder.resolve("locale.pb.gz");
            Outcome outcome = program.run(
                    FOUR, "--profile", "--pid", pid(target), "--duration", "1s", "--profile-output", file.toString());
            assertThat(outcome.status()).as(outcome.err()).isZero();
            expectPlain(outcome.err());
            assertThat(pprof("-raw", file)).contains("jit");
        }
    }

    @Test
    void refusals() throws Exception {
        try (TargetProgram target = target(FORGED_LINE)) {
            Outcome run = program.run(List.of(), "--profile", "--pid", pid(target), "--inject-python");
            assertThat(run.status()).isEqualTo(1);
            expectPlain(run.err());
            assertThat(run.err().lines().filter(line -> line.startsWith("perf-agent: ")))
                    .hasSize(1);
            assertThat(run.err()).contains("reason=not_python");
            Outcome check = program.run(List.of(), "check", "--pid", pid(target));
            expectPlain(check.out());
            assertThat(check.out()).hasLineCount(1).contains("comm=\"a\\n\\u{1b}[2Jpid=1\\\"");
            Outcome json = program.run(List.of(), "check", "--json", "--pid", pid(target));
            assertThat(json.out()).matches("[ -~\\n]+").hasLineCount(3);
        }
    }

    private static String pid(TargetProgram target) {
        return Integer.toString(target.pid());
    }

    /** Lines of printable ASCII that can be taken apart. */
    private static void expectPlain(String text) {
        assertThat(text).matches("[ -~\\n]+");
        assertThat(text.lines().filter(line -> !line.startsWith("perf-agent: ")))
                .allMatch(line -> line.matches(LINE));
    }

    /** Text as pprof prints it is what it finds in the profile: UTF-8, without characters that a terminal obeys. */
    private static void expectReadable(Path file) throws Exception {
        String raw = pprof("-raw", file);
        assertThat(raw).contains("jit\ufffd\ufffd]0;t\ufffd\ufffd\ufffd\ufffdok");
        assertThat(raw).contains("sym\ufffd[31m\ufffd\ufffdx=1 \"\ufffdending");
        assertThat(raw.codePoints().filter(HostileNamesIT::obeyed).boxed()).isEmpty();
        assertThat(pprof("-top", file)).contains("ending");
        assertThat(pprof("-tags", file)).contains("comm");
    }

    private static boolean obeyed(int c) {
        return c != '\n'
                && c != '\t'
                && switch (Character.getType(c)) {
                    case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                        true;
                    default -> false;
                };
    }

    private static String pprof(String report, Path file) throws Exception {
        Process pprof = new ProcessBuilder(Pprof.command(report, file.toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String text = strictly(pprof.getInputStream().readAllBytes());
        assertThat(pprof.waitFor()).isZero();
        return text;
    }

    /** Throws where the bytes are no UTF-8. */
    private static String strictly(byte[] utf8) throws IOException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .decode(ByteBuffer.wrap(utf8))
                .toString();
    }
}
