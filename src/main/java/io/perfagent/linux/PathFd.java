package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * A file or directory that was found, and not yet opened (open(2), O_PATH): whatever becomes of its name, this stays that file. Paths
 * below it are resolved by openat2(2).
 *
 * <pre>
 *   struct open_how: 0 flags u64 │ 8 mode u64 │ 16 resolve u64
 * </pre>
 */
public final class PathFd implements AutoCloseable {
    private static final long SYS_OPENAT2 = 437; // on every architecture
    private static final int OPEN_HOW_SIZE = 24;
    private static final int AT_FDCWD = -100;
    /** Times that a path is tried while others rename what it leads through. */
    private static final int ATTEMPTS = 16;

    private static final long O_WRONLY = 01;
    private static final long O_CREAT = 0100;
    private static final long O_EXCL = 0200;
    private static final long O_CLOEXEC = 02000000;
    private static final long O_PATH = 010000000;

    private static final long RESOLVE_NO_MAGICLINKS = 0x02;
    private static final long RESOLVE_NO_SYMLINKS = 0x04;
    private static final long RESOLVE_BENEATH = 0x08;
    private static final long RESOLVE_IN_ROOT = 0x10;

    private static final CFunction SYSCALL = CFunction.of("syscall");

    private final Fd fd;

    private PathFd(Fd fd) {
        this.fd = fd;
    }

    /** Any path of ours, as open(2) resolves it: links and those of /proc are followed. */
    public static PathFd of(String path) throws LinuxException {
        return new PathFd(openat2(AT_FDCWD, path, O_PATH, 0, 0));
    }

    /**
     * A path as a process sees it whose root this directory is: absolute links begin here, {@code ..} does not lead out, and the links
     * of /proc, which lead anywhere, are not followed (ELOOP).
     */
    public PathFd below(String path) throws LinuxException {
        return new PathFd(openat2(fd.number(), path, O_PATH, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS));
    }

    /** An entry of this directory itself; ELOOP where it is a link. */
    public PathFd entry(String name) throws LinuxException {
        return new PathFd(openat2(fd.number(), name, O_PATH, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS));
    }

    /** A new file in this directory, open for writing; EEXIST where the name is taken, by a link too. */
    public Fd create(String name, int mode) throws LinuxException {
        return openat2(fd.number(), name, O_CREAT | O_EXCL | O_WRONLY, mode, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    }

    /** A name for the file itself while this is open, for java.nio: never kept longer, since the number is used again. */
    public Path path() {
        return fd.path();
    }

    @Override
    public void close() {
        fd.close();
    }

    private static Fd openat2(int directory, String path, long flags, long mode, long resolve) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment capture = CFunction.errnoIn(arena);
            MemorySegment how = arena.allocate(OPEN_HOW_SIZE, 8);
            how.set(JAVA_LONG, 0, flags | O_CLOEXEC);
            how.set(JAVA_LONG, 8, mode);
            how.set(JAVA_LONG, 16, resolve);
            long name = CFunction.address(arena.allocateFrom(path));
            for (int attempt = 1; ; attempt++) {
                long fd = SYSCALL.call(capture, SYS_OPENAT2, directory, name, CFunction.address(how), OPEN_HOW_SIZE);
                if (fd >= 0) {
                    return new Fd((int) fd);
                }
                int errno = CFunction.errno(capture);
                boolean again = errno == Errno.EAGAIN.number() || errno == Errno.EINTR.number();
                if (!again || attempt == ATTEMPTS) {
                    throw new LinuxException("openat2(" + path + ")", errno);
                }
            }
        }
    }
}
