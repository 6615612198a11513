package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Pprof;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** R1: the documented command, as typed into a shell, on a real gunicorn with two workers under load. */
class GunicornIT {
    private static final Path LIBRARIES = Path.of("target/interpreters/debian-sid/root/usr/lib/python3/dist-packages")
            .toAbsolutePath();
    private static final Path SERVICE =
            Path.of("src", "main", "resources", "io", "perfagent", "demo").toAbsolutePath();

    private static final Set<Integer> MINORS = Set.of(9, 11, 12, 13, 14);

    @TempDir
    private Path directory;

    private final AtomicInteger answered = new AtomicInteger();
    private volatile boolean loading = true;

    static List<Interpreter> interpreters(TestInfo test) {
        List<Interpreter> served = Interpreter.oneOfEachVersion().stream()
                .filter(each ->
                        each.version().equals("3.12.1") || each.version().equals("3.13.0"))
                .toList();
        return Interpreter.inTurn(served, test);
    }

    /** Whose frames are read; of a machine's own, for what is in a root of its own has no service there. */
    static List<Interpreter> readable(TestInfo test) {
        Map<Integer, Interpreter> chosen = new TreeMap<>();
        for (Interpreter each : Interpreter.readable()) {
            if (MINORS.contains(each.part(1)) && !each.name().startsWith("debian")) {
                chosen.put(each.part(1), each);
            }
        }
        return Interpreter.inTurn(List.copyOf(chosen.values()), test);
    }

    @ParameterizedTest
    @MethodSource("interpreters")
    void bothWorkersViewsAreNamed(Interpreter interpreter) throws Exception {
        String log = profile(interpreter, "--inject-python");
        expectNamedViews();
        assertThat(log).contains("failed=0");
    }

    /** Nothing is done to the workers, and their views have lines. */
    @ParameterizedTest
    @MethodSource("readable")
    void viewsHaveTheirLinesWithoutInjection(Interpreter interpreter) throws Exception {
        String log = profile(interpreter, "");
        assertThat(log).doesNotContain("activated");
        String view = interpreter.part(1) < 11 ? "py::catalog" : "py::Shop.catalog";
        assertThat(pidsWith(view, Pprof.output("-traces", file()))).hasSizeGreaterThanOrEqualTo(2);
        String lines = Pprof.output("-lines", "-cum", "-top", "-nodefraction=0", file());
        List<Integer> found = Pattern.compile(" " + view + " .*service\\.py:(\\d+)")
                .matcher(lines)
                .results()
                .map(match -> Integer.valueOf(match.group(1)))
                .toList();
        System.out.println(interpreter + ": " + view + " on lines " + found);
        assertThat(found).isNotEmpty().allMatch(new HashSet<>(linesOf("    def catalog("))::contains);
    }

    /** Lines behind a function's first, up to the next one. */
    private static List<Integer> linesOf(String function) throws Exception {
        List<String> source = Files.readAllLines(SERVICE.resolve("service.py"));
        List<Integer> lines = new ArrayList<>();
        for (int at = 0; at < source.size(); at++) {
            boolean inside = !lines.isEmpty() && !source.get(at).contains("def ") && lines.getLast() == at;
            if (inside || source.get(at).startsWith(function)) {
                lines.add(at + 1);
            }
        }
        return lines.subList(1, lines.size());
    }

    /** The service runs meanwhile, and must end well. */
    private String profile(Interpreter interpreter, String options) throws Exception {
        Process gunicorn = startGunicorn(interpreter);
        try {
            URI address = address(gunicorn);
            Thread load = Thread.ofPlatform().start(() -> load(address));
            String log = runAsTyped(options);
            loading = false;
            load.join();
            System.out.println(log + answered + " requests answered meanwhile");
            assertThat(answered.get()).isGreaterThan(20);
            return log;
        } finally {
            gunicorn.destroy();
            assertThat(gunicorn.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(gunicorn.exitValue()).as("gunicorn's exit status").isZero();
        }
    }

    /** Started by a shell, see TargetProgram; from a script, for the shell's own words must not hold what pgrep looks for. */
    private Process startGunicorn(Interpreter interpreter) throws Exception {
        Path script = Files.writeString(
                directory.resolve("serve.sh"),
                "trap 'kill -TERM $!; wait $!; exit $?' TERM\n"
                        + interpreter.command() + " -m gunicorn --workers=2 --bind=127.0.0.1:0 --chdir=" + SERVICE
                        + " service:application &\nwait $!\n");
        ProcessBuilder builder = new ProcessBuilder("sh", script.toString());
        builder.environment().put("PYTHONPATH", LIBRARIES.toString());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        return builder.redirectErrorStream(true)
                .redirectOutput(directory.resolve("server.log").toFile())
                .start();
    }

    private URI address(Process gunicorn) throws Exception {
        for (int tries = 0; tries < 200 && gunicorn.isAlive(); tries++) {
            String log = Files.readString(directory.resolve("server.log"));
            int at = log.indexOf("http://127.0.0.1:");
            if (at >= 0 && log.split("Booting worker", -1).length == 3) {
                return URI.create(log.substring(at, log.indexOf(' ', at)));
            }
            Thread.sleep(100);
        }
        throw new AssertionError(Files.readString(directory.resolve("server.log")));
    }

    private void load(URI address) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int request = 0; loading; request++) {
                String page = List.of("/", "/receipt/" + request % 50, "/search?q=green+tea")
                        .get(request % 3);
                HttpResponse<String> response = client.send(
                        HttpRequest.newBuilder(address.resolve(page)).build(), HttpResponse.BodyHandlers.ofString());
                answered.addAndGet(response.statusCode() < 500 ? 1 : 0);
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The command of R1 in a script, so that pgrep does not find the shell that holds its words. */
    private String runAsTyped(String options) throws Exception {
        String agent = "'" + String.join("' '", Agent.command()) + "'";
        Path script = Files.writeString(
                directory.resolve("typed.sh"),
                agent + " --profile --pid $(pgrep -f gunicorn) --duration 5s " + options
                        + " --profile-output gunicorn.pb.gz\n");
        Process run = new ProcessBuilder("sh", script.toString())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String log = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(run.waitFor()).as(log).isZero();
        return log;
    }

    private String file() {
        return directory.resolve("gunicorn.pb.gz").toString();
    }

    private void expectNamedViews() throws Exception {
        String file = file();
        String top = Pprof.output("-top", file);
        assertThat(top).contains("complete user stacks: 100.00 %", "py::Shop.catalog");
        String traces = Pprof.output("-traces", file);
        assertThat(pidsWith("py::Shop.catalog", traces)).hasSizeGreaterThanOrEqualTo(2);
        assertThat(traces).containsPattern("(?s)py::Shop.catalog.*?Py_RunMain.*?_start");
        assertThat(Pprof.output("-peek", "py::Shop.catalog$", file)).contains("| py::Shop.catalog");
    }

    private static List<String> pidsWith(String function, String traces) {
        List<String> pids = new ArrayList<>();
        for (String trace : traces.split("-----------\\+", -1)) {
            int at = trace.indexOf("pid:");
            if (at >= 0 && trace.contains(function)) {
                String pid = trace.substring(at + 4, trace.indexOf('\n', at)).strip();
                if (!pids.contains(pid)) {
                    pids.add(pid);
                }
            }
        }
        return pids;
    }
}
