package io.perfagent.unwind.x86_64.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** The lengths of a file's instructions, beside those that binutils finds. */
final class Objdump {
    private static final int SHOWN = 20;
    /** Also jumps of 16 bits, which two makes of processors read differently, and REX before VEX, which none takes. */
    private static final String PREFIX =
            "rex(\\.[WRXB]+)?|data16|addr32|lock|repn?z|repn?e|rep|bnd|notrack|[c-gs]s|xacquire|xrelease";

    private static final String UNREADABLE =
            ".*\\(bad\\).*|\\.byte .*|(bnd )?(jmpw|callw|j[a-z]+w) .*|rex(\\.[WRXB]+)? v.*";

    long compared;
    long differing;
    /** Bytes that objdump takes for no instruction, prefixes that it shows alone, and fwait, which it takes for one. */
    long skipped;

    private final StringBuilder differences = new StringBuilder();

    /** @param most instructions */
    static Objdump compare(Path file, long most) throws IOException, InterruptedException {
        Objdump objdump = new Objdump();
        Process process = new ProcessBuilder("objdump", "-d", "-w", "-z", file.toString())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.ISO_8859_1)) {
            for (String line = lines.readLine(); line != null && objdump.compared < most; line = lines.readLine()) {
                objdump.line(line);
            }
        } finally {
            process.destroy();
            process.waitFor();
        }
        assertThat(objdump.compared).as("instructions of %s", file).isPositive();
        return objdump;
    }

    String differences() {
        return differences.toString();
    }

    /** {@code "  401136:\t55                   \tpush   %rbp"}. */
    private void line(String line) {
        int bytes = line.indexOf(":\t") + 2;
        int mnemonic = line.indexOf('\t', bytes);
        if (bytes < 2 || mnemonic < 0) {
            return;
        }
        byte[] code = HexFormat.of().parseHex(line.substring(bytes, mnemonic).replace(" ", ""));
        String text = line.substring(mnemonic + 1).strip();
        if (text.matches(UNREADABLE) || isPrefix(text) || code[0] == (byte) 0x9b) {
            skipped++;
            return;
        }
        compared++;
        byte[] longer = Arrays.copyOf(code, code.length + Decoder.MAX_BYTES);
        int length = new Decoder(longer, longer.length).decode(0);
        if (length != code.length && differing++ < SHOWN) {
            differences.append(length).append(" bytes: ").append(line).append('\n');
        }
    }

    private static boolean isPrefix(String text) {
        return List.of(text.split(" ", -1)).stream().allMatch(word -> word.matches(PREFIX));
    }
}
