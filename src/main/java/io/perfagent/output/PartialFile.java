package io.perfagent.output;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/**
 * A profile's bytes before they have a name: {@code <name>.<random>.partial} beside the final one, which nobody can foresee. Closing
 * deletes it, unless it has become the profile. Its mode is 0644 less the umask, so that a profile taken with sudo can be opened
 * without.
 */
final class PartialFile implements AutoCloseable {
    private static final Set<StandardOpenOption> CREATE =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    private static final FileAttribute<Set<PosixFilePermission>> MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"));

    private static final int PROBE_BYTES = 1 << 16;

    private final Path partial;

    private PartialFile(Path partial) {
        this.partial = partial;
    }

    /** Nothing exists yet. */
    static PartialFile beside(Path path) {
        byte[] random = new byte[6];
        new SecureRandom().nextBytes(random);
        return new PartialFile(
                path.resolveSibling(path.getFileName() + "." + HexFormat.of().formatHex(random) + ".partial"));
    }

    /** Opened once, never by an existing name: in a directory of someone else's a name may become a link at any moment. */
    void write(Destination.Content content) throws IOException {
        try (FileChannel channel = FileChannel.open(partial, CREATE, MODE)) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            content.writeTo(out);
            out.flush();
            channel.force(true);
        }
    }

    /** Writes a little and deletes it: what fails now would fail after the run. Returns the user whose file it was. */
    static int tryBeside(Path path) throws IOException {
        try (PartialFile probe = beside(path)) {
            probe.write(out -> out.write(new byte[PROBE_BYTES]));
            return owner(probe.partial);
        }
    }

    static int owner(Path file) throws IOException {
        return (Integer) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    /** Takes a name from what has it. */
    void replace(Path path) throws IOException {
        Files.move(partial, path, StandardCopyOption.ATOMIC_MOVE);
        syncDirectory(path);
    }

    /** Takes a name if it is free; false where something has it. */
    boolean take(Path path) throws IOException {
        try {
            link(path);
        } catch (FileAlreadyExistsException _) {
            return false;
        }
        syncDirectory(path);
        return true;
    }

    /** Not every file system has hard links: on others an empty file stands for the profile for an instant. */
    private void link(Path path) throws IOException {
        try {
            Files.createLink(path, partial);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException | UnsupportedOperationException _) {
            Files.createFile(path);
            Files.move(partial, path, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Makes the new name survive a power cut, where the file system can; the file is in place whether or not it does. */
    private static void syncDirectory(Path path) {
        Path directory = path.toAbsolutePath().getParent();
        try (FileChannel channel = FileChannel.open(directory == null ? path : directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException _) {
            // Nothing to be done, and nothing to be undone.
        }
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(partial);
        } catch (IOException _) {
            // What could not be created cannot be deleted; and a failing disk has been reported already.
        }
    }
}
