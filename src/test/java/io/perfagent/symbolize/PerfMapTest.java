package io.perfagent.symbolize;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Budget;
import io.perfagent.model.Call;
import io.perfagent.model.LinesLeftOut;
import io.perfagent.model.Location;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerfMapTest {
    private static final long HEAP = 256 << 20;
    /** Bytes of heap that an entry takes when it is kept: a place of its name, and two bounds with their owners. */
    private static final int ENTRY_BYTES = 36;

    @TempDir
    Path directory;

    private PerfMap map(String text) throws IOException {
        return map(text.getBytes(StandardCharsets.UTF_8));
    }

    private PerfMap map(byte[] text) throws IOException {
        Path file = Files.write(directory.resolve("perf-1.map"), text);
        return PerfMap.read(Files.newByteChannel(file), new Budget(HEAP));
    }

    @Test
    void entriesCoverTheirSize() throws Exception {
        try (PerfMap map = map("7f0000001000 b py::main:/srv/app.py\n0x7F0000001010 0xc Interpreter\n")) {
            assertThat(map.size()).isEqualTo(2);
            assertThat(map.find(0x7f0000001000L)).isEqualTo("py::main:/srv/app.py");
            assertThat(map.find(0x7f000000100aL)).isEqualTo("py::main:/srv/app.py");
            assertThat(map.find(0x7f000000100bL)).isNull();
            assertThat(map.find(0x7f000000101bL)).isEqualTo("Interpreter");
            assertThat(map.leftOut()).isEqualTo(LinesLeftOut.NONE);
        }
    }

    @Test
    void theLastEntryForAnAddressWins() throws Exception {
        try (PerfMap map = map("1000 10 dead\n2000 10 other\n1000 10 alive\n1008 100 overlapping\n")) {
            assertThat(map.find(0x1000)).isEqualTo("alive");
            assertThat(map.find(0x1008)).isEqualTo("overlapping");
            assertThat(map.find(0x2000)).isEqualTo("other");
        }
    }

    @Test
    void badLinesAreCountedAndCostOnlyThemselves() throws Exception {
        List<String> lines = List.of(
                "",
                "hello",
                "1000",
                "1000 10",
                "1000 10 ",
                "1000  10 two spaces",
                " 1000 10 indented",
                "-1000 10 negative",
                "00000000000001000 10 seventeen digits",
                "0 10 at zero",
                "1000 0 empty",
                "7ffffffffffffff0 20 wraps round",
                "ffffffff81000000 10 kernel",
                "\0\0\0",
                "3000 10 good");
        try (PerfMap map = map(String.join("\n", lines) + "\n")) {
            assertThat(map.leftOut()).isEqualTo(new LinesLeftOut(13, 1, 0, 0));
            assertThat(map.size()).isEqualTo(1);
            assertThat(map.find(0x3000)).isEqualTo("good");
        }
    }

    @Test
    void aLineStillBeingWrittenIsNoEntryYet() throws Exception {
        try (PerfMap map = map("1000 10 done\n2000 10 half of a na")) {
            assertThat(map.find(0x2000)).isNull();
            assertThat(map.leftOut()).isEqualTo(LinesLeftOut.NONE);
        }
    }

    @Test
    void namesAreMadePrintable() throws Exception {
        try (PerfMap map = map("1000 10 a\u001b[31mred\r\t\u202eb\u0085c\n2000 10 gr\u00fc\u00df \ud83d\udc0d\n")) {
            assertThat(map.find(0x1000)).isEqualTo("a\ufffd[31mred\ufffd\ufffd\ufffdb\ufffdc");
            assertThat(map.find(0x2000)).isEqualTo("gr\u00fc\u00df \ud83d\udc0d");
        }
    }

    @Test
    void bytesThatAreNoUtf8StayText() throws Exception {
        byte[] text = "1000 10 x?y\n".getBytes(StandardCharsets.US_ASCII);
        text[9] = (byte) 0xff;
        try (PerfMap map = map(text)) {
            assertThat(map.find(0x1000)).isEqualTo("x\ufffdy");
        }
    }

    @Test
    void aLineOfManyMegabytesCostsNoMemory() throws Exception {
        byte[] text = new byte[64 << 20];
        java.util.Arrays.fill(text, (byte) 'a');
        System.arraycopy("1000 10 ".getBytes(StandardCharsets.US_ASCII), 0, text, 0, 8);
        System.arraycopy("\n2000 10 after\n".getBytes(StandardCharsets.US_ASCII), 0, text, text.length - 15, 15);
        try (PerfMap map = map(text)) {
            assertThat(map.find(0x1000)).hasSize(4096);
            assertThat(map.find(0x2000)).isEqualTo("after");
        }
    }

    @Test
    void aFileCutAfterwardsLosesNamesOnly() throws Exception {
        try (PerfMap map = map("1000 10 first\n2000 10 second\n")) {
            Files.write(directory.resolve("perf-1.map"), new byte[0]);
            assertThat(map.find(0x2000)).isNull();
        }
    }

    @Test
    void ofMoreEntriesThanThereIsRoomForTheLastAreKept() throws Exception {
        int most = (int) (HEAP / 5 / 2 / ENTRY_BYTES);
        int entries = (1 << 21) + 5;
        StringBuilder text = new StringBuilder("1000 10 first\n").append("1000 10 second\n".repeat(entries - 3));
        text.append("1008 4 last but one\n").append("1008 8 last\n");
        try (PerfMap map = map(text.toString())) {
            assertThat(map.size()).isBetween(most / 4, most);
            assertThat(map.leftOut()).isEqualTo(new LinesLeftOut(0, 0, entries - map.size(), 0));
            assertThat(map.withoutRoom()).isTrue();
            assertThat(map.find(0x1000)).isEqualTo("second");
            assertThat(map.find(0x1008)).isEqualTo("last");
        }
    }

    /** Half of what is free, each: the fourth has left some. */
    @Test
    void mapsOfManyProcessesLeaveRoomForEachOther() throws Exception {
        Path huge = Files.writeString(directory.resolve("huge"), "1000 1 f\n".repeat(1 << 20));
        Budget budget = new Budget(HEAP);
        for (int map = 0; map < 4; map++) {
            PerfMap read = PerfMap.read(Files.newByteChannel(huge), budget);
            assertThat(read.withoutRoom()).isTrue();
        }
        Path small = Files.writeString(directory.resolve("small"), "1000 1 f\n".repeat(20_000));
        try (PerfMap map = PerfMap.read(Files.newByteChannel(small), budget)) {
            assertThat(map.leftOut()).isEqualTo(LinesLeftOut.NONE);
        }
    }

    @Test
    void anythingAtAllIsReadInTime() {
        Random random = new Random(3);
        String alphabet = "0123456789abcdefx  \n\npy::<lambda>:/a.py";
        Assertions.assertTimeout(Duration.ofSeconds(20), () -> {
            for (int round = 0; round < 500; round++) {
                byte[] text = new byte[random.nextInt(4000)];
                for (int at = 0; at < text.length; at++) {
                    text[at] = (byte) alphabet.charAt(random.nextInt(alphabet.length()));
                }
                try (PerfMap map = map(text)) {
                    var _ = map.find(random.nextLong(1 << 20));
                }
            }
        });
    }

    @Test
    void pythonNamesSplitAtTheFirstColon() {
        assertPython("py::Queue.get:/usr/lib/python3.12/queue.py", "Queue.get", "/usr/lib/python3.12/queue.py");
        assertPython("py::f.<locals>.<lambda>:/srv/a:b.py", "f.<locals>.<lambda>", "/srv/a:b.py");
        assertPython("py::<module>:<frozen runpy>", "<module>", "<frozen runpy>");
        assertPython("py::g.<locals>.<genexpr>:", "g.<locals>.<genexpr>", "");
        assertPython("py::__init__:<attrs generated init a.b:C>", "__init__", "<attrs generated init a.b:C>");
    }

    @Test
    void otherNamesAreNative() {
        assertThat(MapName.location(1, "LazyCompile:*f /a.js:1")).isEqualTo(nativeLocation("LazyCompile:*f /a.js:1"));
        assertThat(MapName.location(1, "py::")).isEqualTo(nativeLocation("py::"));
        assertThat(MapName.location(1, "py::noname")).isEqualTo(nativeLocation("py::noname"));
    }

    private static Location nativeLocation(String name) {
        return new Location(Location.Kind.NATIVE, 1, null, new Call(name, ""));
    }

    private static void assertPython(String name, String function, String file) {
        assertThat(MapName.location(1, name))
                .isEqualTo(new Location(Location.Kind.PYTHON, 1, null, new Call(function, file)));
    }
}
