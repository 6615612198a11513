package io.perfagent.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that ask for more memory than they have bytes. */
class HostileElfTest {
    private static final int HEADER = 64;
    private static final int SECTIONS = 1_000;
    private static final int NAME = 1 << 16;

    @TempDir
    private Path directory;

    private static ByteBuffer file(byte[] bytes) {
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return file.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1).putShort(16, (short) ElfFile.ET_DYN);
    }

    @Test
    void aLongNameThatManySectionsShare() throws Exception {
        byte[] bytes = new byte[HEADER + SECTIONS * HEADER + NAME];
        Arrays.fill(bytes, HEADER + SECTIONS * HEADER, bytes.length, (byte) 'x');
        ByteBuffer file = file(bytes);
        file.putLong(40, HEADER).putShort(58, (short) HEADER).putShort(60, (short) SECTIONS);
        file.putInt(HEADER + 4, 1)
                .putLong(HEADER + 24, HEADER + SECTIONS * HEADER)
                .putLong(HEADER + 32, NAME);
        try (ElfFile elf = ElfFile.of(bytes)) {
            assertThat(elf.sections()).hasSize(SECTIONS);
            assertThat(elf.sections().stream()
                            .mapToLong(section -> section.name().length())
                            .sum())
                    .isLessThanOrEqualTo(4L * bytes.length);
        }
    }

    /** A sparse file costs nothing and has any size. */
    @Test
    void headersOfGigabytes() throws Exception {
        Path path = directory.resolve("sparse");
        for (int field : new int[] {54, 58}) {
            byte[] header = new byte[HEADER];
            ByteBuffer fields = file(header).putLong(field == 54 ? 32 : 40, HEADER);
            fields.putShort(field, (short) 0xffff).putShort(field + 2, (short) 0xfff0);
            try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
                sparse.setLength(5L << 30);
                sparse.write(header);
            }
            assertThatThrownBy(() -> ElfFile.open(path))
                    .isInstanceOf(ElfException.class)
                    .hasMessageContaining("headers of 65535 bytes");
        }
    }
}
