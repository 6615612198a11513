package io.perfagent.symbolize;

import io.perfagent.model.SymbolMiss;
import io.perfagent.procfs.MappedFile;
import io.perfagent.procfs.ProcStatus;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.util.HashSet;
import java.util.Set;

/**
 * A process's {@code /tmp} as the process sees it, held open so that the perf map can be read after the process has ended:
 *
 * <pre>
 *   /proc/&lt;pid&gt;/root/tmp  ─ held open ─→  perf-&lt;pid in the innermost namespace&gt;.map
 * </pre>
 */
final class TargetTmp implements AutoCloseable {
    private final SecureDirectoryStream<Path> directory;
    private final Path mapName;
    private final Set<UserPrincipal> owners;

    private TargetTmp(SecureDirectoryStream<Path> directory, Path mapName, Set<UserPrincipal> owners) {
        this.directory = directory;
        this.mapName = mapName;
        this.owners = owners;
    }

    /** What came of reading a perf map. */
    sealed interface Reading {
        record Read(PerfMap map) implements Reading {}

        record Missing(SymbolMiss reason) implements Reading {}
    }

    @SuppressWarnings("StreamResourceLeak") // the directory stays open as long as this object
    static TargetTmp open(int pid) throws IOException {
        ProcStatus status = ProcStatus.read(pid);
        DirectoryStream<Path> directory = Files.newDirectoryStream(MappedFile.belowRoot(pid, "/tmp"));
        try {
            if (directory instanceof SecureDirectoryStream<Path> secure) {
                Path name = Path.of("perf-" + status.innermostPid(pid) + ".map");
                return new TargetTmp(secure, name, owners(status));
            }
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
        directory.close();
        throw new IOException("no openat on this system");
    }

    /** Root and the process's own users, real, effective, saved and of the file system. */
    private static Set<UserPrincipal> owners(ProcStatus status) throws IOException {
        Set<UserPrincipal> owners = new HashSet<>();
        var users = FileSystems.getDefault().getUserPrincipalLookupService();
        owners.add(users.lookupPrincipalByName("0"));
        for (String uid : status.field("Uid").split("\\s+", -1)) {
            owners.add(users.lookupPrincipalByName(uid));
        }
        return owners;
    }

    /** Opens and parses the map: a regular file of an expected owner, no link. */
    Reading readMap() {
        try {
            // Looked at first, since opening a pipe would wait for its writer.
            if (!acceptable()) {
                return new Reading.Missing(SymbolMiss.REFUSED_PERF_MAP);
            }
            SeekableByteChannel file =
                    directory.newByteChannel(mapName, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
            return read(file);
        } catch (NoSuchFileException _) {
            return new Reading.Missing(SymbolMiss.NO_PERF_MAP);
        } catch (FileSystemException _) {
            return new Reading.Missing(SymbolMiss.REFUSED_PERF_MAP);
        } catch (IOException _) {
            return new Reading.Missing(SymbolMiss.NO_PERF_MAP);
        }
    }

    private static Reading read(SeekableByteChannel file) throws IOException {
        try {
            return new Reading.Read(PerfMap.read(file));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private boolean acceptable() throws IOException {
        PosixFileAttributes attributes = directory
                .getFileAttributeView(mapName, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
        return attributes.isRegularFile() && owners.contains(attributes.owner());
    }

    @Override
    public void close() throws IOException {
        directory.close();
    }
}
