package io.perfagent.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Headless Chromium with one page, told what to do through its DevTools protocol. */
public final class Browser implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("DevTools listening on ws://([^/]+)/");
    private static final Pattern PAGE = Pattern.compile("\"webSocketDebuggerUrl\":\\s*\"(ws://[^\"]+/page/[^\"]+)\"");
    private static final Pattern ID = Pattern.compile("^\\{\"id\":(\\d+),");
    private static final Pattern BASE64 = Pattern.compile("\"(?:value|data)\":\"([A-Za-z0-9+/=]*)\"");
    private static final Pattern COMPLAINT = Pattern.compile(
            "\"method\":\"(Runtime\\.exceptionThrown|Log\\.entryAdded|Runtime\\.consoleAPICalled|Page\\.javascriptDialogOpening)\"");
    private static final int MINUTE_SECONDS = 60;

    private final Path home;
    private final Process process;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Map<Integer, CompletableFuture<String>> answers = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final AtomicInteger commands = new AtomicInteger();
    private final WebSocket page;

    private Browser(Path home, Process process, String address) throws IOException, InterruptedException {
        this.home = home;
        this.process = process;
        String pages = client.send(
                        HttpRequest.newBuilder(URI.create("http://" + address + "/json/list"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        Matcher url = PAGE.matcher(pages);
        if (!url.find()) {
            throw new AssertionError("no page in " + pages);
        }
        this.page = client.newWebSocketBuilder()
                .buildAsync(URI.create(url.group(1)), new Answers())
                .join();
    }

    /** A browser whose window has so many pixels. */
    public static Browser start(int width, int height) throws IOException, InterruptedException {
        Path home = Files.createTempDirectory("perf-agent-browser");
        Process process = new ProcessBuilder(
                        "chromium-headless-shell",
                        "--no-sandbox", // tests run as root
                        "--disable-gpu",
                        "--disable-extensions",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + home,
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader errors = process.errorReader(StandardCharsets.UTF_8);
        List<String> said = new ArrayList<>();
        for (String line = errors.readLine(); line != null; line = errors.readLine()) {
            Matcher listening = LISTENING.matcher(line);
            if (listening.find()) {
                Thread.ofPlatform().daemon().start(() -> errors.lines().forEach(_ -> {}));
                Browser browser = new Browser(home, process, listening.group(1));
                browser.command("Runtime.enable", "");
                browser.command("Log.enable", "");
                browser.command("Page.enable", "");
                browser.resize(width, height);
                return browser;
            }
            said.add(line);
        }
        throw new AssertionError("Chromium does not start: " + said);
    }

    public void resize(int width, int height) {
        boolean telephone = width < 600;
        command(
                "Emulation.setDeviceMetricsOverride",
                "\"width\":" + width + ",\"height\":" + height + ",\"deviceScaleFactor\":1,\"mobile\":" + telephone);
    }

    /** Opens a file, and waits until the page says that it is ready. */
    public void open(Path file) {
        command("Page.navigate", "\"url\":\"" + file.toUri() + "\"");
        evaluate("new Promise(done => { const look = () => document.documentElement?.dataset.ready !== undefined"
                + " ? done(1) : setTimeout(look, 10); look(); })");
    }

    /** What an expression is worth, as JSON; promises are waited for. */
    public String evaluate(String expression) {
        String asked = "(async () => { const bytes = new TextEncoder().encode(JSON.stringify(await (" + expression
                + ")) ?? 'undefined'); let text = ''; for (const byte of bytes) text += String.fromCharCode(byte);"
                + " return btoa(text); })()";
        String answer = command(
                "Runtime.evaluate", "\"awaitPromise\":true,\"userGesture\":true,\"expression\":" + quoted(asked));
        return new String(base64(answer), StandardCharsets.UTF_8);
    }

    public void click(double x, double y) {
        for (String type : List.of("mouseMoved", "mousePressed", "mouseReleased")) {
            mouse(type, x, y);
        }
        frame();
    }

    public void moveTo(double x, double y) {
        mouse("mouseMoved", x, y);
        frame();
    }

    private void mouse(String type, double x, double y) {
        command(
                "Input.dispatchMouseEvent",
                "\"type\":\"" + type + "\",\"x\":" + x + ",\"y\":" + y + ",\"clickCount\":1,\"button\":\""
                        + (type.equals("mouseMoved") ? "none" : "left") + "\"");
    }

    /** Presses a key, by the name that scripts know it by. */
    public void press(String key) {
        String text = key.length() == 1 ? ",\"text\":" + quoted(key) : "";
        command("Input.dispatchKeyEvent", "\"type\":\"keyDown\",\"key\":" + quoted(key) + text);
        command("Input.dispatchKeyEvent", "\"type\":\"keyUp\",\"key\":" + quoted(key));
        frame();
    }

    public void type(String text) {
        command("Input.insertText", "\"text\":" + quoted(text));
        frame();
    }

    /** Until what was asked for has been drawn. */
    private void frame() {
        evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))");
    }

    public void screenshot(Path png) throws IOException {
        frame();
        Files.write(png, base64(command("Page.captureScreenshot", "\"format\":\"png\"")));
    }

    /** What the page threw, was refused or wrote to the console, and dialogs that it opened. */
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    private String command(String method, String parameters) {
        int id = commands.incrementAndGet();
        CompletableFuture<String> answer = new CompletableFuture<>();
        answers.put(id, answer);
        page.sendText("{\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":{" + parameters + "}}", true)
                .join();
        String text = answer.orTimeout(MINUTE_SECONDS, TimeUnit.SECONDS).join();
        if (text.startsWith("{\"id\":" + id + ",\"error\"") || text.contains("\"exceptionDetails\"")) {
            throw new AssertionError(method + " " + parameters + ": " + text);
        }
        return text;
    }

    private static byte[] base64(String answer) {
        Matcher value = BASE64.matcher(answer);
        if (!value.find()) {
            throw new AssertionError(answer);
        }
        return Base64.getDecoder().decode(value.group(1));
    }

    private static String quoted(String text) {
        return text.chars()
                .mapToObj(c -> c >= ' ' && c < 0x7f && c != '"' && c != '\\'
                        ? String.valueOf((char) c)
                        : String.format("\\u%04x", c))
                .collect(Collectors.joining("", "\"", "\""));
    }

    @Override
    public void close() throws IOException {
        page.abort();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
        client.close();
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private final class Answers implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                take(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        private void take(String message) {
            Matcher id = ID.matcher(message);
            if (id.find()) {
                CompletableFuture<String> asked = answers.remove(Integer.valueOf(id.group(1)));
                if (asked != null) {
                    asked.complete(message);
                }
            } else if (COMPLAINT.matcher(message).find()) {
                complaints.add(message);
            }
        }
    }
}
