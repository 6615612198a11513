package io.perfagent.python.inject;

import io.perfagent.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** GNU objdump on raw code: the judge of what our bytes mean. */
public enum Disassembler {
    X86_64("objdump", "-m i386:x86-64 -M intel"),
    AARCH64("aarch64-linux-gnu-objdump", "-m aarch64");

    /** An immediate of aarch64 begins with the same character as a comment of x86-64. */
    private static final Pattern COMMENT = Pattern.compile("\\s(#\\s.*|//.*)$");

    private final String program;
    private final String options;

    Disassembler(String program, String options) {
        this.program = program;
        this.options = options;
    }

    /** One instruction a line, blanks squeezed, comments off. */
    public List<String> disassemble(byte[] code) throws IOException, InterruptedException {
        Path file = Files.createTempFile("code", ".bin");
        try {
            Files.write(file, code);
            return lines(file);
        } finally {
            Files.delete(file);
        }
    }

    private List<String> lines(Path file) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program, "-D", "-b", "binary", "--no-show-raw-insn", "-z"));
        command.addAll(List.of(options.split(" ", -1)));
        command.add(file.toString());
        List<String> lines = new ArrayList<>();
        for (String line : Tool.output(command, Path.of("/")).lines().toList()) {
            int colon = line.indexOf(":\t");
            if (colon > 0) {
                lines.add(COMMENT.matcher(line.substring(colon + 2))
                        .replaceAll("")
                        .replaceAll("\\s+", " ")
                        .strip());
            }
        }
        return lines;
    }
}
