package io.perfagent.unwind;

import java.util.ArrayList;
import java.util.List;

/** Go function tables of any bytes: no exception, and a table that the kernel can search. */
public final class PclntabFuzzer {
    private PclntabFuzzer() {}

    /** A table of each version; those of real programs are too large to be mutated. */
    public static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (PclntabVersion version : PclntabVersion.values()) {
            seeds.add(program(version).table());
        }
        return seeds;
    }

    public static void fuzzerTestOneInput(byte[] input) {
        SearchableTable.expect(program(PclntabVersion.GO_1_20).compile(input), GoTestFile.END);
    }

    private static GoTestFile program(PclntabVersion version) {
        return new GoTestFile(version)
                .code(0x100, "48 83 ec 18 48 89 6c 24 10 48 8d 6c 24 10")
                .code(0x140, "90 e8 1a 00 00 00 90")
                .code(0x200, "55 48 89 e5 48 83 ec 10")
                .code(0x280, "48 c7 c0 0f 00 00 00 0f 05")
                .function(0x100, "main.f", 0, 2, 4, 48, 26, 47, 5)
                .function(0x140, "runtime.goexit", 1, 2, 7)
                .function(0x160, "runtime.goexit1", 0, 2, 9)
                .function(0x200, "runtime.systemstack", 2, 2, 1, 16, 50, 15, 3)
                .function(0x280, "runtime.sigreturn", 0, 2, 11);
    }
}
