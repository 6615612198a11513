package io.perfagent.python.inject.aarch64;

import io.perfagent.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** GNU as for aarch64: the judge of how an instruction is encoded. */
final class GnuAssembler {
    private GnuAssembler() {}

    /** The bytes of the text section that lines of assembly become. */
    static byte[] assemble(List<String> lines) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("as");
        Path source = folder.resolve("code.s");
        Path object = folder.resolve("code.o");
        Path text = folder.resolve("code.bin");
        try {
            Files.writeString(source, ".arch armv8.5-a\n" + String.join("\n", lines) + "\n");
            Tool.output("aarch64-linux-gnu-as", "-o", object.toString(), source.toString());
            Tool.output("aarch64-linux-gnu-objcopy", "-O", "binary", "-j", ".text", object.toString(), text.toString());
            return Files.readAllBytes(text);
        } finally {
            for (Path file : List.of(source, object, text, folder)) {
                Files.deleteIfExists(file);
            }
        }
    }
}
