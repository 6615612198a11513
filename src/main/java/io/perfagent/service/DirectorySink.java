package io.perfagent.service;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.ContinuousRequest;
import io.perfagent.model.Format;
import io.perfagent.output.Export;
import io.perfagent.output.UntakenFile;
import io.perfagent.report.Log;
import io.perfagent.sink.IntervalProfile;
import io.perfagent.sink.IntervalSink;
import io.perfagent.sink.Metric;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Intervals in files of a directory, {@code <host>-<UTC>-<event>.pb.gz}, each of which is there as a whole or not at all. The oldest go.
 * One run at a time writes to a directory, which a lock on a file there keeps to; it says {@code running} until the run has ended.
 */
public final class DirectorySink implements IntervalSink {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final Path HOST = Path.of("/proc/sys/kernel/hostname");
    private static final String LOCK = ".perf-agent.lock";
    private static final byte[] RUNNING = "running\n".getBytes(StandardCharsets.US_ASCII);

    private final Path directory;
    private final Duration keepFor;
    private final long keepBytes;
    private final String host;
    private final Pattern ours;
    private final KeptFiles kept;
    private final Log log;
    private @Nullable FileChannel lock;

    public DirectorySink(ContinuousRequest request, Log log) throws CannotStartException {
        this(request, System.getenv(), log);
    }

    DirectorySink(ContinuousRequest request, Map<String, String> environment, Log log) throws CannotStartException {
        this.directory = request.directory();
        this.keepFor = request.keepFor();
        this.keepBytes = request.keepBytes();
        this.host = host(environment).replaceAll("[^A-Za-z0-9._-]", "_");
        this.ours = Pattern.compile(Pattern.quote(host) + "-\\d{8}T\\d{6}Z-(on|off)-cpu(-\\d{1,5})?\\.pb\\.gz");
        this.kept = new KeptFiles(directory, ours);
        this.log = log;
    }

    /** A pod bears another name each time; files of those before it on the same node are to go as well. */
    private static String host(Map<String, String> environment) throws CannotStartException {
        String node = environment.getOrDefault("NODE_NAME", "");
        if (!node.isBlank()) {
            return node;
        }
        try {
            return Files.readString(HOST).strip();
        } catch (IOException e) {
            throw new CannotStartException("cannot read " + HOST + ": mount /proc", e);
        }
    }

    @Override
    public String name() {
        return "directory";
    }

    /** Makes the directory where it is missing, for its owner and group: profiles tell what processes do. */
    @Override
    public void check() throws CannotStartException {
        try {
            if (!Files.isDirectory(directory)) {
                var _ = Files.createDirectories(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
            }
            FileChannel file = lock();
            int unfinished = removeUnfinished();
            synchronized (kept) {
                kept.read(System.currentTimeMillis(), System.nanoTime());
                if (file.size() > 0) {
                    tellOfKilled(kept.newest(), unfinished);
                }
            }
            markRunning(file);
        } catch (IOException e) {
            throw new CannotStartException(
                    "cannot write to " + directory + " (" + e + "): give a --directory that may be written", e);
        }
    }

    private static void markRunning(FileChannel file) {
        try {
            int _ = file.write(ByteBuffer.wrap(RUNNING), 0);
        } catch (IOException _) {
            // a disk that is full: the next run does not know that this one was killed
        }
    }

    private void tellOfKilled(String newest, int unfinished) {
        log.line(
                "the run before was killed, or the machine went down: what it had sampled since its last interval is lost",
                "last",
                newest.isEmpty() ? "none" : newest,
                "unfinished",
                unfinished);
    }

    private FileChannel lock() throws IOException, CannotStartException {
        FileChannel file = FileChannel.open(
                directory.resolve(LOCK),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
        if (!locked(file)) {
            file.close();
            throw new CannotStartException(
                    "another perf-agent run writes to " + directory + ": end it, or give this one another --directory");
        }
        lock = file;
        return file;
    }

    private static boolean locked(FileChannel file) throws IOException {
        try {
            return file.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            return false; // by this process
        }
    }

    /** What a run that was killed was writing. */
    private int removeUnfinished() throws IOException {
        int removed = 0;
        Pattern unfinished = Pattern.compile(ours.pattern() + "\\.[0-9a-f]{12}\\.partial");
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            for (Path path : all) {
                if (unfinished.matcher(path.getFileName().toString()).matches()
                        && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                    removed += Files.deleteIfExists(path) ? 1 : 0;
                }
            }
        }
        return removed;
    }

    /** Each profile that can be written is, whatever has come of the others. */
    @Override
    public void take(IntervalProfile interval) throws IOException {
        IOException failure = null;
        int written = 0;
        for (IntervalProfile.Labelled labelled : interval.profiles()) {
            try {
                write(labelled);
                written++;
            } catch (CannotStartException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                failure = new IOException("cannot write to " + directory + ": " + cause.getMessage(), e);
            }
        }
        synchronized (kept) {
            kept.prune(System.nanoTime(), keepFor, keepBytes, written);
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void write(IntervalProfile.Labelled labelled) throws IOException, CannotStartException {
        Instant start = labelled.profile().start();
        String stem = host + "-" + TIME.format(start) + "-" + labelled.label();
        String extension = Format.PPROF.extension();
        Export export = new Export(Format.PPROF, new UntakenFile(directory, stem, extension), false);
        Path file = export.write(labelled.profile()).file();
        synchronized (kept) {
            kept.add(file, System.nanoTime());
        }
    }

    @Override
    public List<Metric> metrics() {
        String removed = "Files that were removed, by cause.";
        synchronized (kept) {
            return List.of(
                    Metric.gauge("directory_files", "Files that are kept.", Map.of(), (double) kept.files()),
                    Metric.gauge("directory_bytes", "What they take.", Map.of(), (double) kept.bytes()),
                    Metric.counter(
                            "directory_removed_files_total", removed, Map.of("cause", "age"), (double) kept.tooOld()),
                    Metric.counter(
                            "directory_removed_files_total", removed, Map.of("cause", "size"), (double) kept.tooMany()),
                    Metric.counter(
                            "directory_stuck_files_total",
                            "Files that were to be removed and could not be.",
                            Map.of(),
                            (double) kept.stuck()));
        }
    }

    @Override
    public void close() {
        try {
            if (lock != null && lock.isOpen()) {
                FileChannel _ = lock.truncate(0);
                lock.close();
            }
        } catch (IOException _) {
            // a disk that fails: the next run says that this one was killed
        }
    }
}
