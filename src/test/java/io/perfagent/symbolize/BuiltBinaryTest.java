package io.perfagent.symbolize;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.elf.ElfException;
import io.perfagent.elf.ElfFile;
import io.perfagent.model.Budget;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Binaries built here by the system's tools: linkage stubs, MiniDebugInfo, no symbols at all, damage. */
class BuiltBinaryTest {
    private static final Pattern STUB = Pattern.compile("([0-9a-f]{16}) <([^>]+@plt)>:");
    private static final String SOURCE = """
            #include <stdio.h>
            #include <stdlib.h>
            __attribute__((noinline)) static int hidden_function(int n) { return n * 3 + rand(); }
            __attribute__((noinline)) static int other_function(int n) { return hidden_function(n) + atoi("7"); }
            __attribute__((noinline)) int visible_function(int n) { return other_function(n); }
            int main(int argc, char **argv) { printf("%d\\n", visible_function(argc)); return 0; }
            """;

    @TempDir
    Path directory;

    private Path binary;

    @BeforeEach
    void build() throws Exception {
        Files.writeString(directory.resolve("program.c"), SOURCE);
        binary = directory.resolve("program");
        run("cc", "-O1", "-rdynamic", "-o", "program", "program.c");
    }

    @Test
    void stubsAreNamedAsObjdumpNamesThem() throws Exception {
        for (List<String> flags : List.of(
                List.of("-Wl,-z,lazy"), List.of("-fcf-protection=full", "-Wl,-z,ibtplt"), List.of("-Wl,-z,now"))) {
            List<String> command = new java.util.ArrayList<>(List.of("cc", "-O1", "-o", "program", "program.c"));
            command.addAll(flags);
            Tool.output(command, directory);
            assertStubs(binary);
        }
    }

    @Test
    void stubsOfLibcAreNamedToo() throws Exception {
        assertStubs(Path.of("/lib/x86_64-linux-gnu/libc.so.6").toRealPath());
    }

    /** objdump writes an indirect function as *ABS*+0xaddress@plt: there, any name of that address will do. */
    private static void assertStubs(Path path) throws Exception {
        Matcher stubs = STUB.matcher(Tool.output("objdump", "-d", path.toString()));
        int seen = 0;
        try (ElfFile file = ElfFile.open(path)) {
            ElfSymbols symbols = ElfSymbols.of(file, null, Budget.ofHeap().keep());
            while (stubs.find()) {
                long address = Long.parseUnsignedLong(stubs.group(1), 16);
                String expected = stubs.group(2);
                if (expected.startsWith("*ABS*+")) {
                    long target = Long.decode(expected.substring(6, expected.indexOf('@')));
                    assertThat(symbols.find(address)).isEqualTo(symbols.find(target) + "@plt");
                } else {
                    assertThat(symbols.find(address)).isEqualTo(expected.replaceFirst("@.*@plt", "@plt"));
                    assertThat(symbols.find(address + 7)).isEqualTo(symbols.find(address));
                }
                seen++;
            }
        }
        assertThat(seen).isGreaterThan(2);
    }

    @Test
    void miniDebugInfoNamesWhatStrippingTookAway() throws Exception {
        long hidden = addressOf("hidden_function");
        long visible = addressOf("visible_function");
        run(
                "sh",
                "-c",
                "objcopy --only-keep-debug program mini && objcopy -S --remove-section .gdb_index"
                        + " --keep-symbol hidden_function --keep-symbol other_function mini mini2 && xz mini2"
                        + " && strip program && objcopy --add-section .gnu_debugdata=mini2.xz program");
        try (ElfFile file = ElfFile.open(binary)) {
            ElfSymbols symbols = ElfSymbols.of(file, null, Budget.ofHeap().keep());
            assertThat(symbols.find(hidden + 1)).isEqualTo("hidden_function");
            assertThat(symbols.find(visible)).isEqualTo("visible_function");
        }
    }

    @Test
    void aDebugFileOfTheSameBuildNamesWhatStrippingTookAway() throws Exception {
        run("cc", "-O1", "-Wl,--build-id=0xabcdef0123", "-o", "program", "program.c");
        run("sh", "-c", "mkdir -p debug/ab && objcopy --only-keep-debug program debug/ab/cdef0123.debug");
        long built = addressOf("hidden_function");
        run("strip", "program");
        assertThat(hiddenIn("debug", built + 1)).isEqualTo("hidden_function");
        assertThat(hiddenIn("nowhere", built + 1)).isNull();
        run("cc", "-O1", "-Wl,--build-id=0xabcdef9999", "-o", "other", "program.c");
        run("mv", "other", "debug/ab/cdef0123.debug");
        assertThat(hiddenIn("debug", built + 1)).isNull();
    }

    private @Nullable String hiddenIn(String debugFiles, long address) throws IOException {
        try (ElfFile file = ElfFile.open(binary)) {
            return ElfSymbols.of(
                            file,
                            directory.resolve(debugFiles),
                            null,
                            Budget.ofHeap().keep())
                    .find(address);
        }
    }

    @Test
    void debugDataThatExpandsBeyondTheBoundIsRefused() throws Exception {
        run(
                "sh",
                "-c",
                "head -c 100000000 /dev/zero | xz -0 > bomb && strip program"
                        + " && objcopy --add-section .gnu_debugdata=bomb program");
        try (ElfFile file = ElfFile.open(binary)) {
            Assertions.assertThrows(
                    ElfException.class,
                    () -> MiniDebugInfo.symtab(file, Budget.ofHeap().keep()));
            assertThat(ElfSymbols.of(file, null, Budget.ofHeap().keep()).find(addressOfDynamic("visible_function")))
                    .isEqualTo("visible_function");
        }
    }

    @Test
    void withoutSymbolsAFunctionsAddressesShareItsStart() throws Exception {
        long hidden = addressOf("hidden_function");
        long other = addressOf("other_function");
        run("strip", "program");
        Binary stripped = Binary.of(ElfFile.open(binary), Budget.ofHeap());
        assertThat(stripped.find(hidden)).isNull();
        assertThat(stripped.functionStart(hidden)).isEqualTo(hidden);
        assertThat(stripped.functionStart(hidden + 5)).isEqualTo(hidden);
        assertThat(stripped.functionStart(other + 3)).isEqualTo(other);
        assertThat(stripped.functionStart(0)).isZero();
        stripped.close();
    }

    @Test
    void damageCostsNamesNothingElse() throws Exception {
        byte[] good = Files.readAllBytes(binary);
        Random random = new Random(11);
        Assertions.assertTimeout(Duration.ofSeconds(20), () -> {
            for (int round = 0; round < 1500; round++) {
                byte[] bad = good.clone();
                for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
                    // Half of the damage goes to the headers, where it does most.
                    int limit = random.nextBoolean() ? 1024 : bad.length;
                    bad[random.nextInt(limit)] = (byte) random.nextInt();
                }
                probe(bad, random);
            }
        });
    }

    private static void probe(byte[] image, Random random) {
        try (ElfFile file = ElfFile.of(image)) {
            Binary binary = Binary.of(file, Budget.ofHeap());
            for (int look = 0; look < 20; look++) {
                long address = random.nextLong(image.length);
                var _ = binary.find(address);
                var _ = binary.functionStart(address);
            }
        } catch (IOException _) {
            // Refused as a whole.
        }
    }

    private void run(String... command) throws IOException, InterruptedException {
        Tool.output(List.of(command), directory);
    }

    private long addressOf(String function) throws IOException, InterruptedException {
        return address(Tool.output("nm", binary.toString()), function);
    }

    private long addressOfDynamic(String function) throws IOException, InterruptedException {
        return address(Tool.output("nm", "-D", binary.toString()), function);
    }

    private static long address(String nm, String function) {
        Matcher match =
                Pattern.compile("(?m)^([0-9a-f]+) [Tt] " + function + "$").matcher(nm);
        assertThat(match.find()).isTrue();
        return Long.parseUnsignedLong(match.group(1), 16);
    }
}
