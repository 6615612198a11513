package io.perfagent.elf;

import io.perfagent.fuzz.SmallBinaries;
import io.perfagent.model.CodeMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * An object that a process says to have loaded: its memory is any bytes, those of its sections among it. Nothing but an {@link IOException}
 * may come of it, and what is made of it has bounds and is an ELF file.
 */
public final class LoadedObjectFuzzer {
    private static final long START = 0x10_0000;
    private static final int TYPE = 16;
    private static final int ET_REL = 1;
    private static final int SECTIONS_AT = 40;
    private static final int SECTION_COUNT = 60;
    private static final int SECTION_HEADER = 64;
    private static final int SECTION_ADDRESS = 16;
    private static final int SECTION_OFFSET = 24;

    private LoadedObjectFuzzer() {}

    /** Files as they are, and as objects whose sections were loaded where the file itself has them. */
    public static List<byte[]> seeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (byte[] image : SmallBinaries.images()) {
            seeds.add(image);
            seeds.add(loaded(image));
        }
        return seeds;
    }

    private static byte[] loaded(byte[] image) {
        ByteBuffer object = ByteBuffer.wrap(image.clone()).order(ByteOrder.LITTLE_ENDIAN);
        object.putShort(TYPE, (short) ET_REL);
        int headers = (int) object.getLong(SECTIONS_AT);
        for (int section = 1; section < object.getShort(SECTION_COUNT); section++) {
            int header = headers + section * SECTION_HEADER;
            object.putLong(header + SECTION_ADDRESS, START + object.getLong(header + SECTION_OFFSET));
        }
        return object.array();
    }

    public static void fuzzerTestOneInput(byte[] input) {
        CodeMemory memory = (address, to, at, length) -> {
            if (address < START || address - START > input.length - length) {
                return false;
            }
            System.arraycopy(input, (int) (address - START), to, at, length);
            return true;
        };
        try {
            LoadedObject object = LoadedObject.read(memory, START, LoadedObject.MOST_BYTES);
            byte[] image = object.image(memory);
            if (image.length > 4 * LoadedObject.MOST_BYTES) {
                throw new AssertionError(image.length + " bytes of an object of " + input.length);
            }
            expectCode(object, image);
        } catch (IOException _) {
            // It says what is wrong.
        }
    }

    /** What was made is never at fault, whatever it was made of. */
    private static void expectCode(LoadedObject object, byte[] image) {
        try (ElfFile file = ElfFile.of(image)) {
            for (LoadedObject.Code code : object.code()) {
                if (code.imageOffset() + code.size() > image.length
                        || file.addressOfOffset(code.imageOffset()) != code.address()) {
                    throw new AssertionError("code of " + code + " is elsewhere");
                }
            }
            var _ = SymbolTable.symtab(file);
        } catch (IOException e) {
            throw new AssertionError("an image that is no ELF file", e);
        }
    }
}
