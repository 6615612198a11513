package io.perfagent.linux;

/** Error numbers of Linux on x86-64 and aarch64 (asm-generic/errno-base.h, errno.h) that the agent tells apart. */
public enum Errno {
    EPERM(1),
    ENOENT(2),
    ESRCH(3),
    EINTR(4),
    EIO(5),
    ENXIO(6),
    E2BIG(7),
    EBADF(9),
    ECHILD(10),
    EAGAIN(11),
    ENOMEM(12),
    EACCES(13),
    EFAULT(14),
    EBUSY(16),
    EEXIST(17),
    EXDEV(18),
    ENODEV(19),
    ENOTDIR(20),
    EINVAL(22),
    EMFILE(24),
    ENOSPC(28),
    ENOSYS(38),
    ELOOP(40),
    EOVERFLOW(75),
    EOPNOTSUPP(95),
    ETIMEDOUT(110),
    /** Any other number; the exception that carries it keeps the number. */
    OTHER(-1);

    private final int number;

    Errno(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    public static Errno of(int number) {
        for (Errno errno : values()) {
            if (errno.number == number) {
                return errno;
            }
        }
        return OTHER;
    }
}
