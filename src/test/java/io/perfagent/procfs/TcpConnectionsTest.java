package io.perfagent.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TcpConnectionsTest {
    private static final String TEXT = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 00 100 0 0 10 0
               1: 0100007F:C3A2 0700000A:1538 01 00000000:00000000 02:00000A00 00000000  1000        0 12 2 00 20 4 30 10 -1
               2: B80D0120000000000000000001000000:0050 B80D0120000000000000000002000000:C001 01 00000000:00000000 00:00000000 00000000     0        0 13 1
               3: 0000000000000000FFFF00000100007F:0050 0000000000000000FFFF00000200007F:C002 01 00000000:00000000 00:00000000 00000000     0        0 14 1
               4: broken
            """;

    @Test
    void theOtherEndOfEach() {
        TcpConnections connections = TcpConnections.parse(TEXT);
        assertThat(Stream.of(11L, 12L, 13L, 14L).map(connections::of))
                .containsExactly(
                        "listens at 0.0.0.0:8080",
                        "10.0.0.7:5432",
                        "[2001:db8:0:0:0:0:0:2]:49153",
                        "[127.0.0.2]:49154");
        assertThat(connections.of(15)).isNull();
    }

    @Test
    void ourOwn() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
            TcpConnections connections =
                    TcpConnections.read((int) ProcessHandle.current().pid());
            List<String> ends = sockets().stream()
                    .map(connections::of)
                    .filter(Objects::nonNull)
                    .toList();
            assertThat(ends).anyMatch(end -> end.startsWith("listens at") && end.endsWith(":" + server.getLocalPort()));
            assertThat(ends).anyMatch(end -> !end.startsWith("listens") && end.endsWith(":" + client.getPort()));
        }
    }

    private static List<Long> sockets() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.map(TcpConnectionsTest::target)
                    .filter(target -> target.startsWith("socket:"))
                    .map(target -> Long.parseLong(target.replaceAll("\\D", "")))
                    .toList();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException _) {
            return "";
        }
    }
}
