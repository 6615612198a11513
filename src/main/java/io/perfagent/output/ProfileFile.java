package io.perfagent.output;

import io.perfagent.model.CannotStartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * A file whose name the user gave. It appears complete or not at all: its bytes are in a {@link PartialFile} and reach the disk before
 * the file takes its name. A file or a link of that name is replaced; what a link pointed to stays as it was. What is the system's
 * ({@link Place}) is refused.
 */
public final class ProfileFile implements Destination {
    private static final int STICKY = 01000;
    private static final int ROOT = 0;

    private final Path path;

    private ProfileFile(Path path) {
        this.path = path;
    }

    public static ProfileFile at(Path path) {
        return new ProfileFile(path);
    }

    /** Writes a little beside the final name, and deletes it. */
    @Override
    public void check() throws CannotStartException {
        refuseWhatIsNoFile();
        try {
            refuseWhatIsAnothers(PartialFile.tryBeside(path));
        } catch (IOException e) {
            throw WriteFailure.of(path, e);
        }
    }

    /** Writes the profile under its final name, or throws and leaves nothing behind. */
    @Override
    public Path write(Content content) throws CannotStartException {
        refuseWhatIsNoFile();
        try (PartialFile partial = PartialFile.beside(path)) {
            partial.write(content);
            partial.replace(path);
            return path;
        } catch (IOException e) {
            throw WriteFailure.of(path, e);
        }
    }

    /** A directory cannot be replaced, and a device must not be: renaming a file over /dev/null would take it from everyone. */
    private void refuseWhatIsNoFile() throws CannotStartException {
        if (Files.isDirectory(path)) {
            throw refused(" is a directory; name a file in it with --profile-output");
        }
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw refused(
                    " is a device or a pipe; name a regular file with --profile-output, or - for standard output");
        }
        if (Place.of(path) != Place.FILE) {
            throw refused(" is in /dev, /proc or /sys, or leads there, where nothing is replaced;"
                    + " name a file elsewhere with --profile-output, or - for standard output");
        }
    }

    private CannotStartException refused(String why) {
        return new CannotStartException("cannot write the profile: " + path + why);
    }

    /** In a directory such as /tmp a name that another user has taken can be replaced by that user and by root (rename(2), EPERM). */
    private void refuseWhatIsAnothers(int us) throws IOException, CannotStartException {
        Path directory = path.toAbsolutePath().resolveSibling(".");
        boolean sticky = ((Integer) Files.getAttribute(directory, "unix:mode") & STICKY) != 0;
        boolean taken = Files.exists(path, LinkOption.NOFOLLOW_LINKS);
        if (us != ROOT && sticky && PartialFile.owner(directory) != us && taken && PartialFile.owner(path) != us) {
            throw new CannotStartException("cannot write the profile: " + path
                    + " is another user's, in a directory where only that user may replace it;"
                    + " choose another --profile-output");
        }
    }
}
