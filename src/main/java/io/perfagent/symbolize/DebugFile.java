package io.perfagent.symbolize;

import io.perfagent.elf.ElfFile;
import io.perfagent.model.BuildId;
import io.perfagent.targetfs.TargetRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The separate debug file of a stripped binary, where the machine or the target's own root has it (GDB manual, "Separate Debug Files"): for build id
 * {@code abcdef…} that is {@code /usr/lib/debug/.build-id/ab/cdef….debug}. Distributions ship these in {@code -dbg},
 * {@code -dbgsym} and {@code -debuginfo} packages.
 */
final class DebugFile {
    static final Path DIRECTORY = Path.of("/usr/lib/debug/.build-id");

    private DebugFile() {}

    /** The debug file of a build; null where there is no such file, or one of another build. */
    static @Nullable ElfFile open(Path directory, @Nullable BuildId id) throws IOException {
        String name = name(id);
        Path path = directory.resolve(name);
        if (id == null || name.isEmpty() || !Files.isRegularFile(path)) {
            return null;
        }
        return ofBuild(ElfFile.open(path), id);
    }

    /** The debug file of a build that a target has below a root of its own; null where it has none. */
    static @Nullable ElfFile ofTarget(int pid, @Nullable BuildId id) {
        String name = name(id);
        if (id == null || name.isEmpty()) {
            return null;
        }
        try (TargetRoot root = TargetRoot.of(pid)) {
            return root.isOurs() ? null : ofBuild(ElfFile.open(root.read(DIRECTORY + "/" + name)), id);
        } catch (IOException _) {
            return null;
        }
    }

    private static @Nullable ElfFile ofBuild(ElfFile file, BuildId id) throws IOException {
        boolean same = false;
        try {
            same = id.equals(file.buildId());
            return same ? file : null;
        } finally {
            if (!same) {
                file.close();
            }
        }
    }

    /** {@code ab/cdef….debug}; empty where the id is no name. */
    private static String name(@Nullable BuildId id) {
        return id == null || id.hex().length() < 4
                ? ""
                : id.hex().substring(0, 2) + "/" + id.hex().substring(2) + ".debug";
    }
}
