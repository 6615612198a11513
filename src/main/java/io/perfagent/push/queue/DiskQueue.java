package io.perfagent.push.queue;

import io.perfagent.push.request.Request;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Requests that wait to be sent, in files of a directory: the oldest first, and when there is no room, the oldest dropped. In memory are their
 * names only. What waits when the program ends is there for the next one.
 *
 * <pre>
 *   000000000000002a-12.request    the 42nd, with 12 profiles
 *   000000000000002a-12.sending    the same while it is sent: left over, its fate is not known, and it is not sent again
 *   000000000000002b-12.partial    being written: left over, it is not sent
 * </pre>
 *
 * For several threads.
 */
public final class DiskQueue implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})-(\\d{1,9})\\.(request|sending|partial)");
    private static final int MOST_FILES = 10_000;

    private final Path directory;
    private final long mostBytes;
    private final FileChannel lock;
    private final Deque<Entry> waiting = new ArrayDeque<>();
    private long number;
    private long bytes;
    private boolean woken;
    private long sending; // profiles of what is being sent
    private Counts counts = new Counts(0, 0, 0, 0);

    /**
     * Profiles that were lost here.
     *
     * @param dropped the oldest, for want of room
     * @param corrupt files that were not as they had been written, each at least one profile
     * @param unconfirmed which an earlier program was sending when it ended
     * @param unwritten which the disk did not take, or which an earlier program was writing when it ended
     */
    public record Counts(long dropped, long corrupt, long unconfirmed, long unwritten) {
        private Counts plus(long moreDropped, long moreCorrupt, long moreUnconfirmed, long moreUnwritten) {
            return new Counts(
                    dropped + moreDropped,
                    corrupt + moreCorrupt,
                    unconfirmed + moreUnconfirmed,
                    unwritten + moreUnwritten);
        }
    }

    /** A request that is being sent, and the file that it is in. */
    public record Queued(Request request, Entry entry) {}

    /** A file. */
    public record Entry(long number, int profiles, long size) {
        private String name(String kind) {
            return String.format(Locale.ROOT, "%016x-%d.%s", number, profiles, kind);
        }
    }

    private DiskQueue(Path directory, long mostBytes, FileChannel lock) {
        this.directory = directory;
        this.mostBytes = mostBytes;
        this.lock = lock;
    }

    /**
     * Opens a directory, which is made where there is none, readable by its owner only. Throws where it is no directory, cannot be written, or
     * another program has it.
     */
    public static DiskQueue open(Path directory, long mostBytes) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            Path parent = directory.toAbsolutePath().getParent();
            Files.createDirectories(parent == null ? directory : parent);
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        FileChannel lock = FileChannel.open(
                directory.resolve("lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
        DiskQueue queue = new DiskQueue(directory, mostBytes, lock);
        try {
            queue.takeLock();
            queue.scan();
            return queue;
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private void takeLock() throws IOException {
        try {
            FileLock taken = lock.tryLock();
            if (taken == null) {
                throw new IOException("another perf-agent sends from there");
            }
        } catch (OverlappingFileLockException e) {
            throw new IOException("this program sends from there already", e);
        }
    }

    private synchronized void scan() throws IOException {
        List<Path> files;
        try (Stream<Path> listed = Files.list(directory)) {
            files = listed.sorted().toList();
        }
        for (Path file : files) {
            Matcher name = NAME.matcher(file.getFileName().toString());
            if (name.matches() && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                found(file, Long.parseUnsignedLong(name.group(1), 16), Integer.parseInt(name.group(2)), name.group(3));
            }
        }
        makeRoom(0);
    }

    private void found(Path file, long itsNumber, int profiles, String kind) throws IOException {
        number = Math.max(number, itsNumber);
        if (kind.equals("request")) {
            Entry entry = new Entry(itsNumber, profiles, Files.size(file));
            waiting.add(entry);
            bytes += entry.size();
        } else {
            Files.delete(file);
            boolean sent = kind.equals("sending");
            counts = counts.plus(0, 0, sent ? profiles : 0, sent ? 0 : profiles);
        }
    }

    /** Puts one behind the others; throws where the disk does not take it, so that it is lost. */
    public synchronized void add(Request request) throws IOException {
        byte[] file = QueueFile.bytes(request);
        makeRoom(file.length);
        Entry entry = new Entry(++number, request.profiles(), file.length);
        Path partial = directory.resolve(entry.name("partial"));
        try {
            Files.write(partial, file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            Files.move(partial, directory.resolve(entry.name("request")), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            counts = counts.plus(0, 0, 0, request.profiles());
            boolean _ = Files.deleteIfExists(partial);
            throw e;
        }
        waiting.add(entry);
        bytes += entry.size();
        notifyAll();
    }

    private void makeRoom(long wanted) {
        while (!waiting.isEmpty() && (bytes + wanted > mostBytes || waiting.size() >= MOST_FILES)) {
            Entry oldest = waiting.remove();
            bytes -= oldest.size();
            delete(oldest, "request");
            counts = counts.plus(oldest.profiles(), 0, 0, 0);
        }
    }

    /**
     * The oldest, which is being sent from now on; null where none waits. What is not as it was written is left out and counted. Throws where the
     * disk fails: what cannot be marked as being sent might be sent twice, and stays where it is.
     */
    public synchronized @Nullable Queued next() throws IOException {
        while (!waiting.isEmpty()) {
            Entry oldest = waiting.getFirst();
            Request request = read(oldest);
            if (request != null) {
                rename(oldest, "request", "sending");
            }
            boolean _ = waiting.remove(oldest);
            bytes -= oldest.size();
            if (request != null) {
                sending += oldest.profiles();
                return new Queued(request, oldest);
            }
            delete(oldest, "request");
            lose(oldest);
        }
        return null;
    }

    /** Null where it is damaged or gone. */
    private @Nullable Request read(Entry entry) throws IOException {
        try {
            return QueueFile.request(Files.readAllBytes(directory.resolve(entry.name("request"))));
        } catch (NoSuchFileException _) {
            return null;
        }
    }

    /** It is not to be sent again. */
    public synchronized void done(Queued queued) {
        sending -= queued.entry().profiles();
        delete(queued.entry(), "sending");
    }

    /** It is to be sent again, before the others. */
    public synchronized void putBack(Queued queued) {
        sending -= queued.entry().profiles();
        try {
            rename(queued.entry(), "sending", "request");
            waiting.addFirst(queued.entry());
            bytes += queued.entry().size();
            makeRoom(0);
        } catch (IOException _) { // a disk that fails
            lose(queued.entry());
        }
    }

    private void lose(Entry entry) {
        counts = counts.plus(0, Math.max(1, entry.profiles()), 0, 0);
    }

    private void rename(Entry entry, String from, String to) throws IOException {
        Files.move(
                directory.resolve(entry.name(from)), directory.resolve(entry.name(to)), StandardCopyOption.ATOMIC_MOVE);
    }

    private void delete(Entry entry, String kind) {
        try {
            boolean _ = Files.deleteIfExists(directory.resolve(entry.name(kind)));
        } catch (IOException _) {
            // a disk that fails: the next start finds it, and counts it
        }
    }

    /** Waits until something is there, or somebody has woken who waits. */
    public synchronized void await() throws InterruptedException {
        while (waiting.isEmpty() && !woken) {
            wait();
        }
        woken = false;
    }

    /** Ends a wait, or the next one. From any thread. */
    public synchronized void wake() {
        woken = true;
        notifyAll();
    }

    /** Profiles that wait or are being sent. */
    public synchronized long profiles() {
        return sending + waiting.stream().mapToLong(Entry::profiles).sum();
    }

    /** Bytes of what waits. */
    public synchronized long bytes() {
        return bytes;
    }

    public synchronized Counts counts() {
        return counts;
    }

    /** Lets another program have the directory. What is still being sent has no known fate, and is not sent again. */
    @Override
    public synchronized void close() throws IOException {
        counts = counts.plus(0, 0, sending, 0);
        sending = 0;
        lock.close();
    }
}
