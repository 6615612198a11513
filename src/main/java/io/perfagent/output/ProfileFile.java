package io.perfagent.output;

import io.perfagent.model.CannotStartException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
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
 * The file that a profile goes to. It appears complete or not at all: the bytes go to {@code <name>.<random>.partial} beside
 * it and reach the disk before the file takes its name. Its mode is 0644 less the umask, so that a profile taken with sudo
 * can be opened without. A file or a link of that name is replaced; what a link pointed to stays as it was.
 */
public final class ProfileFile {
    private static final int PROBE_BYTES = 1 << 16;
    private static final int STICKY = 01000;
    private static final int ROOT = 0;

    private static final Set<StandardOpenOption> CREATE =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    private static final FileAttribute<Set<PosixFilePermission>> MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"));

    private final Path path;

    private ProfileFile(Path path) {
        this.path = path;
    }

    public static ProfileFile at(Path path) {
        return new ProfileFile(path);
    }

    /** Something that writes a profile to a stream and leaves it open. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    public Path path() {
        return path;
    }

    /** Finds out before a run whether its profile could be written: writes a little beside the final name, and deletes it. */
    public void check() throws CannotStartException {
        refuseWhatIsNoFile();
        Path probe = partialPath();
        try {
            write(probe, out -> out.write(new byte[PROBE_BYTES]));
            refuseWhatIsAnothers(probe);
        } catch (IOException e) {
            throw failure(e);
        } finally {
            delete(probe);
        }
    }

    /** Writes the profile under its final name, or throws and leaves nothing behind. */
    public void write(Content content) throws CannotStartException {
        refuseWhatIsNoFile();
        Path partial = partialPath();
        try {
            write(partial, content);
            Files.move(partial, path, StandardCopyOption.ATOMIC_MOVE);
            syncDirectory();
        } catch (IOException e) {
            throw failure(e);
        } finally {
            delete(partial);
        }
    }

    /** A directory cannot be replaced, and a device must not be: renaming a file over /dev/null would take it from everyone. */
    private void refuseWhatIsNoFile() throws CannotStartException {
        if (Files.isDirectory(path)) {
            throw new CannotStartException(
                    "cannot write the profile: " + path + " is a directory; name a file in it with --profile-output");
        }
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new CannotStartException("cannot write the profile: " + path
                    + " is a device or a pipe; name a regular file with --profile-output");
        }
    }

    /** In a directory such as /tmp a name that another user has taken can be replaced by that user and by root (rename(2), EPERM). */
    private void refuseWhatIsAnothers(Path ours) throws IOException, CannotStartException {
        int us = owner(ours);
        Path directory = ours.toAbsolutePath().resolveSibling(".");
        boolean sticky = ((Integer) Files.getAttribute(directory, "unix:mode") & STICKY) != 0;
        boolean taken = Files.exists(path, LinkOption.NOFOLLOW_LINKS);
        if (us != ROOT && sticky && owner(directory) != us && taken && owner(path) != us) {
            throw new CannotStartException("cannot write the profile: " + path
                    + " is another user's, in a directory where only that user may replace it;"
                    + " choose another --profile-output");
        }
    }

    private static int owner(Path file) throws IOException {
        return (Integer) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    private Path partialPath() {
        byte[] random = new byte[6];
        new SecureRandom().nextBytes(random);
        return path.resolveSibling(path.getFileName() + "." + HexFormat.of().formatHex(random) + ".partial");
    }

    /** Opened once, never by an existing name: in a directory of someone else's a name may become a link at any moment. */
    private static void write(Path partial, Content content) throws IOException {
        try (FileChannel channel = FileChannel.open(partial, CREATE, MODE)) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            content.writeTo(out);
            out.flush();
            channel.force(true);
        }
    }

    /** Makes the new name survive a power cut, where the file system can; the file is in place whether or not it does. */
    private void syncDirectory() {
        Path directory = path.toAbsolutePath().getParent();
        try (FileChannel channel = FileChannel.open(directory == null ? path : directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException _) {
            // Nothing to be done, and nothing to be undone.
        }
    }

    private static void delete(Path partial) {
        try {
            Files.deleteIfExists(partial);
        } catch (IOException _) {
            // What could not be created cannot be deleted; and a failing disk has been reported already.
        }
    }

    private CannotStartException failure(IOException e) {
        return new CannotStartException("cannot write the profile to " + path + ": " + causeAndRemedy(e), e);
    }

    private static String causeAndRemedy(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "the directory does not exist; make it, or choose another --profile-output";
            case AccessDeniedException _ -> "permission denied; choose a --profile-output that may be written";
            default -> remedied(cause(e));
        };
    }

    private static String cause(IOException e) {
        String cause = e instanceof FileSystemException named ? named.getReason() : e.getMessage();
        return cause == null ? e.toString() : cause;
    }

    private static String remedied(String cause) {
        return cause.startsWith("No space left")
                ? cause + "; free some, or choose a --profile-output on another disk"
                : cause + "; choose another --profile-output";
    }
}
