package io.perfagent.python.inject;

/** Files of the C library, by name: glibc before 2.34 and after, and musl. */
final class CLibrary {
    private CLibrary() {}

    static boolean isLoader(String fileName) {
        return fileName.startsWith("ld-") || fileName.startsWith("ld.so") || fileName.startsWith("libc.musl");
    }

    /** Whether a thread in there may hold a lock that every program needs. */
    static boolean holdsLocks(String fileName) {
        return isLoader(fileName)
                || fileName.startsWith("libc.")
                || fileName.startsWith("libc-")
                || fileName.startsWith("libpthread");
    }
}
