#!/bin/bash
# The JDK's HTTP client sends a request on a connection that an answer of HTTP/1.0 has ended, and the request fails.
#
# Version: OpenJDK 25.0.3 (Temurin), java.net.http.
# Source: RFC 9112, 9.3: a connection persists after an answer of HTTP/1.0 only where that says "Connection: keep-alive"; without it, it closes.
#   src/java.net.http/share/classes/jdk/internal/net/http/Http1Response.java looks for "close" alone, whatever the version of the answer.
# Expected: the second request opens a connection of its own, as with curl, and both are answered.
# Seen: it is written on the first connection, behind the answer, and fails when the server closes that ("HTTP/1.1 header parser received no bytes",
#   "Connection reset"), so that who sends does not know whether it was taken; a GET is sent once more without a word. Python's http.server answers so,
#   unless told to speak 1.1.
set -euo pipefail
java=$("$(dirname "$0")/../scripts/jdk25")/bin
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

cat >Twice.java <<'JAVA'
import java.io.*;
import java.net.*;
import java.net.http.*;
import java.util.concurrent.atomic.AtomicInteger;
public class Twice {
    static final AtomicInteger connections = new AtomicInteger();
    static void serve(ServerSocket server) {
        while (true) {
            try (Socket socket = server.accept()) {
                connections.incrementAndGet();
                BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream()));
                while (!in.readLine().isEmpty()) { }
                socket.getOutputStream().write("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes());
                Thread.sleep(100);
            } catch (Exception e) { }
        }
    }
    static String post(HttpClient client, URI uri) {
        try {
            return client.send(HttpRequest.newBuilder(uri).timeout(java.time.Duration.ofSeconds(5)).POST(HttpRequest.BodyPublishers.noBody()).build(), HttpResponse.BodyHandlers.ofString()).body();
        } catch (Exception e) {
            return "failed";
        }
    }
    public static void main(String[] args) throws Exception {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(() -> serve(server));
        URI uri = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/");
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        System.out.println(post(client, uri) + " " + post(client, uri) + " " + connections);
        System.exit(0);
    }
}
JAVA
"$java/javac" Twice.java
read -r first second connections < <("$java/java" -cp . Twice)
echo "first request: $first, second: $second, connections: $connections"
[ "$first $second $connections" = "ok failed 1" ] || { echo "changed"; exit 1; }
echo "as described"
