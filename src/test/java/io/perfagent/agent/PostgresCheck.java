package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.Pprof;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * gunicorn with a slow call to PostgreSQL and one that waits for a row: where a request's time goes, against what the views measured
 * themselves. For {@code make postgres}, which brings the database and the driver.
 */
class PostgresCheck {
    private static final Path FETCHED = Path.of(System.getProperty("postgres", "missing"));
    private static final Path PYTHON =
            Path.of("target/interpreters/bytedeco-3.12.1/python").toAbsolutePath();
    private static final Path LIBRARIES = Path.of("target/interpreters/debian-sid/root/usr/lib/python3/dist-packages")
            .toAbsolutePath();
    private static final Path SHOP = Path.of("src/test/postgres").toAbsolutePath();
    private static final int WORKERS = 2;
    private static final int REQUESTS = 200;
    private static final double TOLERANCE = 0.02;
    private static final int STANDARD_ERRORS = 3;
    private static final double TICK = 1e9 / 99;
    /** Of a view's time; the rest is the interpreter's, and the run queue. */
    private static final double FOR_ITS_DATABASE = 0.9;

    private static final Pattern IN_DRIVER = Pattern.compile(";PQexec.*;\\[poll];\\[tcp]");
    private static final Pattern BY_BACKEND = Pattern.compile(IN_DRIVER + ";\\[woken by postgres];.*;PostgresMain;");
    private static final Pattern BY_OTHER_BACKEND =
            Pattern.compile(";ProcSleep;.*;\\[poll];\\[epoll];\\[woken by postgres];.*;PostgresMain;");

    private static final Map<String, Integer> LINES = Map.of("report", 31, "reserve", 36);

    @TempDir
    private Path directory;

    private final Map<String, Long> measured = new ConcurrentHashMap<>();

    @Test
    void aRequestsTimeIsTheDatabases() throws Exception {
        try (PostgresServer database = PostgresServer.start(FETCHED.resolve("root"))) {
            Process holder = shop(
                    database,
                    "holder",
                    PYTHON.toString(),
                    SHOP.resolve("shop.py").toString());
            Process gunicorn = gunicorn(database);
            try {
                await("holder.log", "ready");
                URI address = address();
                List<Long> pids = new ArrayList<>(workers(gunicorn));
                pids.add(database.pid());
                request(address, "/", WORKERS * 10);
                String log = profile(pids, () -> request(address));
                System.out.println(log);
                measured.forEach(this::expectView);
                expectChain();
                assertThat(page()).contains("report", "reserve", "shop.py", "PQexec", "[tcp]", "[woken by postgres]");
            } finally {
                gunicorn.destroy();
                holder.getOutputStream().close();
                assertThat(gunicorn.waitFor(20, TimeUnit.SECONDS)).isTrue();
                assertThat(holder.waitFor(20, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    private Process shop(PostgresServer database, String name, String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("DATABASE", database.address());
        builder.environment().put("PYTHONPATH", LIBRARIES + ":" + FETCHED.resolve("psycopg2"));
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        return builder.redirectErrorStream(true)
                .redirectOutput(directory.resolve(name + ".log").toFile())
                .start();
    }

    private Process gunicorn(PostgresServer database) throws Exception {
        return shop(
                database,
                "gunicorn",
                PYTHON.toString(),
                "-m",
                "gunicorn",
                "--workers=" + WORKERS,
                "--bind=127.0.0.1:0",
                "--chdir=" + SHOP,
                "shop:application");
    }

    private String await(String file, String words) throws Exception {
        String said = "";
        for (int tries = 0; tries < 300; tries++) {
            said = Files.readString(directory.resolve(file));
            if (said.contains(words)) {
                return said;
            }
            Thread.sleep(100);
        }
        throw new AssertionError(file + " does not say '" + words + "': " + said);
    }

    private URI address() throws Exception {
        String log = await("gunicorn.log", "http://127.0.0.1:");
        int at = log.indexOf("http://127.0.0.1:");
        return URI.create(log.substring(at, log.indexOf(' ', at)));
    }

    private static List<Long> workers(Process gunicorn) throws InterruptedException {
        for (int tries = 0; gunicorn.children().count() < WORKERS; tries++) {
            assertThat(tries).as("tries for workers").isLessThan(300);
            Thread.sleep(100);
        }
        return gunicorn.children().map(ProcessHandle::pid).toList();
    }

    /** Runs for as long as something takes. */
    private String profile(List<Long> pids, Callable<?> something) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("--wall", "--wakers", "--duration", "10m", "--pid"));
        arguments.add(String.join(",", pids.stream().map(String::valueOf).toList()));
        for (String file : List.of("wall.pb.gz", "wall.folded", "wall.html")) {
            arguments.addAll(List.of("-o", file));
        }
        Process run = Agent.start(directory, arguments.toArray(String[]::new));
        Agent.awaitSampling(run);
        Thread.sleep(1000);
        something.call();
        Thread.sleep(500);
        return Agent.saidWhenEnded(run);
    }

    /** As many at a time as there are workers. */
    private Void request(URI address) throws Exception {
        try (ExecutorService clients = Executors.newFixedThreadPool(WORKERS)) {
            List<Future<?>> requests = new ArrayList<>();
            for (String view : List.of("report", "reserve")) {
                requests.add(clients.submit(() -> {
                    measured.put(view, request(address, "/" + view, REQUESTS));
                    return null;
                }));
            }
            for (Future<?> one : requests) {
                one.get();
            }
        }
        return null;
    }

    /** The sum of what the view says it took. */
    private static long request(URI address, String page, int times) throws Exception {
        long nanos = 0;
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(address.resolve(page)).build();
            for (int at = 0; at < times; at++) {
                HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                nanos += Long.parseLong(answer.body());
            }
        }
        return nanos;
    }

    private void expectView(String view, long nanos) {
        try {
            String frame = ";py::" + view + ";";
            Predicate<String> in = line -> waiter(line).contains(frame);
            long all = folded(in);
            long inDriver = folded(in.and(IN_DRIVER.asPredicate()));
            long woken = folded(in.and(BY_BACKEND.asPredicate()));
            System.out.printf(
                    "%s: %.4f s, measured by the view %.4f s; in the driver's poll of its connection %.4f s, ended by PostgreSQL %.4f s%n",
                    view, all / 1e9, nanos / 1e9, inDriver / 1e9, woken / 1e9);
            print(frame);
            double error = TOLERANCE * nanos
                    + STANDARD_ERRORS * Math.sqrt(TICK * (all - inDriver)); // of what is no wait, by samples
            assertThat((double) all).as(view).isBetween(nanos - error, nanos + error);
            assertThat((double) inDriver).as(view).isBetween(FOR_ITS_DATABASE * nanos, (1 + TOLERANCE) * nanos);
            assertThat((double) woken).as(view).isBetween(FOR_ITS_DATABASE * inDriver, (double) inDriver);
            assertThat(lines(view)).contains("shop.py:" + LINES.get(view));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Of a line: the stack that waits, without that of who woke it. */
    private static String waiter(String line) {
        int waker = line.indexOf(";[woken by ");
        return waker < 0 ? line : line.substring(0, waker);
    }

    /** Of the wait for the row, which is another's: the backend waits, and that of the transaction which has it ends this. */
    private void expectChain() throws Exception {
        long waits = folded(line -> line.contains(";ProcSleep;"));
        long ended = folded(line -> BY_OTHER_BACKEND.matcher(line).find());
        System.out.printf(
                "backend: waits for the row %.4f s, ended by another backend %.4f s%n", waits / 1e9, ended / 1e9);
        print(";ProcSleep;");
        assertThat(waits).isPositive();
        assertThat((double) ended).isGreaterThanOrEqualTo(FOR_ITS_DATABASE * waits);
    }

    /** The names in the page, as a browser unpacks them. */
    private String page() throws Exception {
        String page = Files.readString(directory.resolve("wall.html"));
        String mark = "id=\"data\">";
        int begin = page.indexOf(mark) + mark.length();
        byte[] packed = Base64.getDecoder()
                .decode(page.substring(begin, page.indexOf('<', begin)).strip());
        try (InputStream names = new InflaterInputStream(new ByteArrayInputStream(packed), new Inflater(true))) {
            return new String(names.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The stack with the most time. */
    private void print(String frame) throws Exception {
        Files.readAllLines(directory.resolve("wall.folded"), StandardCharsets.UTF_8).stream()
                .filter(line -> line.contains(frame))
                .max(Comparator.comparingLong(PostgresCheck::nanos))
                .ifPresent(System.out::println);
    }

    private static long nanos(String line) {
        return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
    }

    private long folded(Predicate<String> meant) throws Exception {
        return Files.readAllLines(directory.resolve("wall.folded"), StandardCharsets.UTF_8).stream()
                .filter(meant)
                .mapToLong(PostgresCheck::nanos)
                .sum();
    }

    private String lines(String view) throws Exception {
        String file = directory.resolve("wall.pb.gz").toString();
        return Pprof.output("-top", "-cum", "-lines", "-tagfocus=state=poll", "-show=^py::" + view + "$", file);
    }
}
