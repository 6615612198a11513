package io.perfagent.python.inject.x86_64;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** GNU objdump on raw code: the judge of what our bytes mean. */
final class Disassembler {
    private Disassembler() {}

    /** One instruction a line, Intel syntax, blanks squeezed, comments off. */
    static List<String> disassemble(byte[] code) throws IOException {
        Path file = Files.createTempFile("code", ".bin");
        try {
            Files.write(file, code);
            return lines(file);
        } finally {
            Files.delete(file);
        }
    }

    private static List<String> lines(Path file) throws IOException {
        Process objdump = new ProcessBuilder(
                        "objdump",
                        "-D",
                        "-b",
                        "binary",
                        "-m",
                        "i386:x86-64",
                        "-M",
                        "intel",
                        "--no-show-raw-insn",
                        file.toString())
                .start();
        List<String> lines = new ArrayList<>();
        new String(objdump.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .forEach(line -> {
                    String[] columns = line.split("\t", -1);
                    if (columns.length > 1 && columns[0].strip().endsWith(":")) {
                        lines.add(columns[1]
                                .replaceAll("#.*", "")
                                .replaceAll(" +", " ")
                                .strip());
                    }
                });
        return lines;
    }
}
