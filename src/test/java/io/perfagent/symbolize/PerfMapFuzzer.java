package io.perfagent.symbolize;

import io.perfagent.fuzz.Printable;
import io.perfagent.model.Budget;
import io.perfagent.testing.BytesChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Perf maps, which any process writes for itself. */
public final class PerfMapFuzzer {
    private PerfMapFuzzer() {}

    public static List<byte[]> seeds() {
        return List.of(
                bytes("7f0000001000 b py::main:/srv/app.py\n0x7F0000001010 0xc Interpreter\n7f0000001010 100 again\n"),
                bytes("1000 10 a\n1008 10 b\n800 2000 over all\n1000 0 empty\nffffffffffffffff 10 end\n"),
                bytes("1000 10 \u202e\033[2J\u00ff\n\n \n1000\n1000 10\n1000 10 x"));
    }

    public static void fuzzerTestOneInput(byte[] input) {
        try (PerfMap map = PerfMap.read(new BytesChannel(input), Budget.ofHeap())) {
            long lines = new String(input, StandardCharsets.ISO_8859_1)
                    .chars()
                    .filter(c -> c == '\n')
                    .count();
            if (map.size() + map.leftOut().sum() != lines) {
                throw new AssertionError(map.size() + " entries and " + map.leftOut() + " of " + lines + " lines");
            }
            for (long address = 0; address < 64; address++) {
                Printable.expect(map.find(address * 0x80));
                Printable.expect(map.find(0x7f0000001000L + address));
                Printable.expect(map.find(-address));
            }
        } catch (IOException e) {
            throw new AssertionError("memory can be read", e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
