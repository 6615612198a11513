package io.perfagent.fuzz;

import io.perfagent.elf.ElfFile;
import io.perfagent.testing.Vdso;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Real ELF files that are small enough to be mutated: the vdso of this process, and the smallest libraries of the machine. */
public final class SmallBinaries {
    private static final long MAX_BYTES = 1 << 15;
    private static final int LIBRARIES = 8;

    private SmallBinaries() {}

    public static List<byte[]> images() throws IOException {
        List<byte[]> images = new ArrayList<>();
        images.add(Vdso.image());
        for (Path library : libraries()) {
            images.add(Files.readAllBytes(library));
        }
        return images;
    }

    private static List<Path> libraries() throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path directory : List.of(Path.of("/usr/lib/x86_64-linux-gnu"), Path.of("/usr/lib64"))) {
            if (Files.isDirectory(directory)) {
                try (Stream<Path> files = Files.list(directory)) {
                    files.filter(SmallBinaries::suits)
                            .sorted(Comparator.comparing(Path::toString))
                            .limit(LIBRARIES)
                            .forEach(found::add);
                }
            }
        }
        return found;
    }

    private static boolean suits(Path path) {
        boolean small = path.toString().contains(".so")
                && Files.isRegularFile(path)
                && path.toFile().length() < MAX_BYTES;
        if (!small) {
            return false;
        }
        try (ElfFile file = ElfFile.open(path)) {
            return file.section(".eh_frame") != null && file.machine() == ElfFile.EM_X86_64;
        } catch (IOException _) {
            return false; // a linker script
        }
    }
}
