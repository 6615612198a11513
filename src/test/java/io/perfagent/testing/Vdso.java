package io.perfagent.testing;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** The library that the kernel maps into this process. */
public final class Vdso {
    private Vdso() {}

    /** Its ELF file, out of our own memory. */
    public static byte[] image() throws IOException {
        String line = Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(mapping -> mapping.endsWith("[vdso]"))
                .findFirst()
                .orElseThrow();
        String[] range = line.substring(0, line.indexOf(' ')).split("-", -1);
        long start = Long.parseUnsignedLong(range[0], 16);
        byte[] image = new byte[(int) (Long.parseUnsignedLong(range[1], 16) - start)];
        try (RandomAccessFile memory = new RandomAccessFile("/proc/self/mem", "r")) {
            memory.seek(start);
            memory.readFully(image);
        }
        return image;
    }
}
