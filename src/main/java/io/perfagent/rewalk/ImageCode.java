package io.perfagent.rewalk;

import io.perfagent.elf.ElfFile;
import io.perfagent.model.CodeMemory;
import io.perfagent.model.Mapping;
import io.perfagent.process.Image;
import io.perfagent.process.TargetCode;
import io.perfagent.walker.ElfSource;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The code of an image: from memory while its process runs, from the files that it had mapped otherwise. For one walk. */
final class ImageCode implements CodeMemory, AutoCloseable {
    private final Image image;
    private final ElfSource binaries;
    private final TargetCode memory;
    private @Nullable Mapping mapping;
    private @Nullable ElfFile file;

    ImageCode(Image image, ElfSource binaries) {
        this.image = image;
        this.binaries = binaries;
        this.memory = new TargetCode(image.pid());
    }

    @Override
    public boolean read(long address, byte[] to, int at, int length) {
        boolean gone = image.ended(); // its number may be another's by now
        return (!gone && memory.read(address, to, at, length)) || readFile(address, to, at, length);
    }

    @Override
    public void close() {
        memory.close();
        closeFile();
    }

    private boolean readFile(long address, byte[] to, int at, int length) {
        try {
            ElfFile from = file(address);
            if (from == null || mapping == null) {
                return false;
            }
            long inFile = from.addressOfOffset(mapping.fileOffset() + (address - mapping.start()));
            from.readAddress(inFile, length).get(to, at, length);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private @Nullable ElfFile file(long address) throws IOException {
        if (mapping == null || !mapping.contains(address)) {
            closeFile();
            mapping = mappingOf(address);
            file = mapping == null ? null : binaries.open(image.pid(), mapping);
        }
        return file;
    }

    private @Nullable Mapping mappingOf(long address) {
        for (Mapping one : image.code()) {
            if (one.isFile() && !one.isSharedMemory() && one.contains(address)) {
                return one;
            }
        }
        return null;
    }

    private void closeFile() {
        try (ElfFile _ = file) {
            file = null;
        } catch (IOException _) {
            // Opened for reading: nothing is lost.
        }
    }
}
