package io.perfagent.python;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Names that are no UTF-8, as far as they show from outside; the rest is asked in the target, before the trampoline goes on. */
final class UndecodableNames {
    private UndecodableNames() {}

    /** Where there is one; null where none shows. */
    static @Nullable String of(int pid) throws IOException {
        Path process = Path.of("/proc", Integer.toString(pid));
        if (!isUtf8(Files.readAllBytes(process.resolve("cmdline")))) {
            return "its command line";
        }
        if (!isUtf8(bytes(Files.readSymbolicLink(process.resolve("cwd"))))) {
            return "its working directory";
        }
        return null;
    }

    static boolean isUtf8(byte[] name) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name)) != null;
        } catch (CharacterCodingException _) {
            return false;
        }
    }

    /** As the kernel has it, whatever the locale makes of it: a URI quotes bytes. */
    private static byte[] bytes(Path path) {
        String quoted = path.toUri().getRawPath();
        ByteBuffer bytes = ByteBuffer.allocate(quoted.length());
        for (int at = 0; at < quoted.length(); at++) {
            if (quoted.charAt(at) == '%') {
                bytes.put((byte) HexFormat.fromHexDigits(quoted, at + 1, at + 3));
                at += 2;
            } else {
                bytes.put((byte) quoted.charAt(at));
            }
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }
}
