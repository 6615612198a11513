package io.perfagent.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.model.CodeMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An object file of gcc, as it is in the memory of a process that has loaded it: text at one place, call-frame information at another. */
class LoadedObjectTest {
    private static final Path OBJECT = Path.of("target", "workloads", "jitted_one.o");
    private static final long OBJECT_AT = 0x10_0000;
    private static final long TEXT_AT = 0x7f12_3456_7040L;
    private static final long FRAMES_AT = 0x7f12_3456_9000L;

    private byte[] object;
    private Section text;
    private Section frames;

    @BeforeEach
    void load() throws IOException {
        object = Files.readAllBytes(OBJECT);
        try (ElfFile file = ElfFile.of(object)) {
            text = file.section(".text");
            frames = file.section(".eh_frame");
            setAddress(file.sections().indexOf(text), TEXT_AT);
            setAddress(file.sections().indexOf(frames), FRAMES_AT);
        }
    }

    @Test
    void imageHasAddressesOfTheProcess() throws IOException {
        try (ElfFile image = ElfFile.of(read().image(this::memory))) {
            SymbolTable symbols = SymbolTable.symtab(image);
            assertThat(symbols.find("handler_one").address()).isBetween(TEXT_AT, TEXT_AT + text.size() - 1);
            assertThat(symbols.find("middle_one").address()).isEqualTo(TEXT_AT + addressInObject("middle_one"));
            assertThat(image.readAddress(TEXT_AT, text.size()).get(0)).isEqualTo((byte) 0x90);
            Section ofImage = image.section(".eh_frame");
            assertThat(ofImage.address()).isEqualTo(FRAMES_AT);
            assertThat(image.read(ofImage).get(0))
                    .as("from where it was loaded")
                    .isEqualTo((byte) 0xee);
            assertThat(image.machine()).isEqualTo(ElfFile.EM_X86_64);
        }
    }

    @Test
    void codeIsWhereTheImageHasIt() throws IOException {
        LoadedObject loaded = read();
        assertThat(loaded.code()).hasSize(1);
        LoadedObject.Code code = loaded.code().getFirst();
        assertThat(List.of(code.address(), code.size())).containsExactly(TEXT_AT, text.size());
        try (ElfFile image = ElfFile.of(loaded.image(this::memory))) {
            assertThat(image.addressOfOffset(code.imageOffset())).isEqualTo(TEXT_AT);
        }
    }

    @Test
    void anotherObjectHasAnotherChecksum() throws IOException {
        int before = read().checksum();
        object[object.length - 1] ^= 1;
        assertThat(read().checksum()).isNotEqualTo(before);
    }

    @Test
    void refusesWhatIsTooLarge() {
        assertThatThrownBy(() -> LoadedObject.read(this::memory, OBJECT_AT, object.length - 1))
                .isInstanceOf(TooLargeException.class);
        ByteBuffer.wrap(object).order(ByteOrder.LITTLE_ENDIAN).putLong(40, Long.MAX_VALUE - 8);
        assertThatThrownBy(this::read).isInstanceOf(TooLargeException.class);
    }

    /** Every header field in turn, with every extreme: an error or an image, within bounds. */
    @Test
    void survivesHostileHeaders() throws IOException {
        byte[] good = object.clone();
        long sections = ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong(40);
        for (long value : List.of(0L, 1L, -1L, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32, TEXT_AT)) {
            for (int at = 16; at <= good.length - 8; at = at == 56 ? (int) sections : at + 4) {
                object = good.clone();
                ByteBuffer.wrap(object).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
                try (ElfFile image = ElfFile.of(read().image(this::memory))) {
                    assertThat(image.heapBytes()).isLessThan(4L * LoadedObject.MOST_BYTES);
                } catch (IOException _) {
                    // It says what is wrong.
                }
            }
        }
    }

    private LoadedObject read() throws IOException {
        return LoadedObject.read(this::memory, OBJECT_AT, LoadedObject.MOST_BYTES);
    }

    private long addressInObject(String name) throws IOException {
        try (ElfFile file = ElfFile.of(object)) {
            return SymbolTable.symtab(file).find(name).address();
        }
    }

    private void setAddress(int section, long address) {
        ByteBuffer bytes = ByteBuffer.wrap(object).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong((int) bytes.getLong(40) + 64 * section + 16, address);
    }

    /** {@link CodeMemory}: the object, its text as 0x90 and its call-frame information as 0xee. */
    private boolean memory(long address, byte[] to, int at, int length) {
        if (address >= OBJECT_AT && address - OBJECT_AT <= object.length - length) {
            System.arraycopy(object, (int) (address - OBJECT_AT), to, at, length);
            return true;
        }
        boolean inText = address >= TEXT_AT && address + length <= TEXT_AT + text.size();
        boolean inFrames = address >= FRAMES_AT && address + length <= FRAMES_AT + frames.size();
        Arrays.fill(to, at, at + length, (byte) (inText ? 0x90 : 0xee));
        return inText || inFrames;
    }
}
