package io.perfagent.elf;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Tool;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Expected names by readelf. */
final class DynamicNamesTest {
    private static final Pattern SONAME = Pattern.compile("soname: \\[(.*)]");
    private static final Pattern NEEDED = Pattern.compile("\\(NEEDED\\) +Shared library: \\[(.*)]");

    @ParameterizedTest
    @ValueSource(strings = {"libc.so.6", "libm.so.6", "libz.so.1"})
    void asReadelfSays(String name) throws Exception {
        Path library = Path.of("/lib/x86_64-linux-gnu", name);
        String said = Tool.output("readelf", "-dW", library.toString());
        try (ElfFile file = ElfFile.open(library)) {
            DynamicNames names = DynamicNames.of(file);
            assertThat(names.soname()).isEqualTo(all(SONAME, said).getFirst());
            assertThat(names.needed()).isNotEmpty().isEqualTo(all(NEEDED, said));
        }
    }

    private static List<String> all(Pattern pattern, String said) {
        return pattern.matcher(said).results().map(found -> found.group(1)).toList();
    }

    /** Each of the many entries would be a string of its own. */
    @Test
    void aFileThatNeedsTooMuchIsReadInPart() throws Exception {
        int entries = 4 * DynamicNames.MOST_VALUES;
        long dynamic = 64 + 2 * 56;
        ByteBuffer image =
                ByteBuffer.allocate((int) dynamic + 16 * (entries + 3)).order(ByteOrder.LITTLE_ENDIAN);
        image.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
        image.putShort((short) ElfFile.ET_DYN)
                .putShort((short) ElfFile.EM_X86_64)
                .putInt(1);
        image.putLong(0)
                .putLong(64)
                .putLong(0)
                .putInt(0)
                .putShort((short) 64)
                .putShort((short) 56)
                .putShort((short) 2);
        image.position(64);
        segment(image, Segment.PT_LOAD, 0, image.capacity());
        segment(image, Segment.PT_DYNAMIC, dynamic, image.capacity() - dynamic);
        image.putLong(5).putLong(0).putLong(10).putLong(16); // string table: the file's first 16 bytes
        for (int i = 0; i < entries; i++) {
            image.putLong(1).putLong(1);
        }
        try (ElfFile file = ElfFile.of(image.array())) {
            assertThat(DynamicNames.of(file).needed())
                    .hasSize(DynamicNames.MOST_VALUES)
                    .containsOnly("ELF\2\1\1");
        }
    }

    private static void segment(ByteBuffer image, int type, long offset, long size) {
        image.putInt(type).putInt(4).putLong(offset).putLong(offset).putLong(offset);
        image.putLong(size).putLong(size).putLong(8);
    }

    @Test
    void aProgramHasNoNameOfItsOwn() throws Exception {
        try (ElfFile file = ElfFile.open(Path.of("/bin/sh"))) {
            assertThat(DynamicNames.of(file)).isEqualTo(new DynamicNames("", List.of("libc.so.6")));
        }
    }
}
