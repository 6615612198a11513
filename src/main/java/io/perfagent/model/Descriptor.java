package io.perfagent.model;

import java.util.Locale;

/** What a thread waits on by the descriptor of its system call; the numbers are those of the kernel side. */
public enum Descriptor {
    /** It is in no such call, or in one for several of them. */
    NONE,
    /** It has been closed meanwhile, or is of a kind that has no name here. */
    UNKNOWN,
    FILE,
    DIRECTORY,
    /** Or a FIFO. */
    PIPE,
    TTY,
    /** Of blocks or characters. */
    DEVICE,
    UNIX,
    TCP,
    UDP,
    /** Of another family or protocol. */
    SOCKET,
    EPOLL,
    EVENTFD,
    TIMERFD,
    SIGNALFD,
    INOTIFY;

    private static final Descriptor[] ALL = values();

    /** By the kernel side's number; what is none is not known. */
    public static Descriptor of(int number) {
        return number >= 0 && number < ALL.length ? ALL[number] : UNKNOWN;
    }

    /** Empty for none. */
    public String label() {
        return this == NONE ? "" : name().toLowerCase(Locale.ROOT);
    }
}
