package io.perfagent.linux;

import java.io.IOException;

/** A system or library call that failed, with the error number it left. */
public final class LinuxException extends IOException {
    private static final long serialVersionUID = 1;

    private final String call;
    private final int number;

    /**
     * @param call the call and what it was about, as in {@code ptrace(SEIZE, 42)}
     * @param number the positive error number
     */
    public LinuxException(String call, int number) {
        super(call + ": " + describe(number));
        this.call = call;
        this.number = number;
    }

    public Errno errno() {
        return Errno.of(number);
    }

    public int number() {
        return number;
    }

    public String call() {
        return call;
    }

    private static String describe(int number) {
        Errno errno = Errno.of(number);
        return errno == Errno.OTHER ? "errno " + number : errno.name();
    }
}
