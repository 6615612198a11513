package io.perfagent.model;

/**
 * One line of {@code /proc/<pid>/maps}.
 *
 * @param start first address
 * @param end address after the last
 * @param fileOffset offset of {@code start} in the file, bytes
 * @param readable whether it may be read
 * @param writable whether it may be written
 * @param executable whether code in it may run
 * @param deviceMajor of the file's device, 0 where anonymous
 * @param deviceMinor of the file's device
 * @param inode of the file, 0 where anonymous
 * @param path as the kernel shows it, escapes resolved, without the {@code (deleted)} mark; {@code ""} where anonymous
 * @param deleted whether the file's name is gone
 */
public record Mapping(
        long start,
        long end,
        long fileOffset,
        boolean readable,
        boolean writable,
        boolean executable,
        int deviceMajor,
        int deviceMinor,
        long inode,
        String path,
        boolean deleted) {
    /** Device of what no file system has: code that a process has made. */
    private static final int MADE = -1;

    /**
     * Code that a process has made, and describes by an ELF image in its memory.
     *
     * @param imageOffset of the code in the image
     * @param image where that begins in memory
     * @param number of the image, unique in this run: its place in memory is used again
     */
    public static Mapping made(long start, long end, long imageOffset, long image, int number) {
        return new Mapping(start, end, imageOffset, true, false, true, MADE, number, image, "[jit]", false);
    }

    public boolean contains(long address) {
        return Long.compareUnsigned(address, start) >= 0 && Long.compareUnsigned(address, end) < 0;
    }

    /** What lies between two of its addresses. */
    public Mapping part(long from, long to) {
        long offset = inode == 0 ? fileOffset : fileOffset + (from - start);
        return new Mapping(
                from, to, offset, readable, writable, executable, deviceMajor, deviceMinor, inode, path, deleted);
    }

    /** Whether a file, rather than anonymous memory or an area of the kernel's, lies behind it. */
    public boolean isFile() {
        return inode != 0 && path.startsWith("/");
    }

    public boolean isVdso() {
        return path.equals("[vdso]");
    }

    /** Whether it is code made by the process that an ELF image in its memory describes, at the address {@link #inode}. */
    public boolean isMade() {
        return deviceMajor == MADE;
    }

    /** Whether it is shared anonymous memory, which looks like a removed file: PHP makes its code there. */
    public boolean isSharedMemory() {
        return deleted && path.equals("/dev/zero");
    }

    /** Whether an ELF image may describe it, in a file or in memory. */
    public boolean isImage() {
        return (isFile() && !isSharedMemory()) || isVdso() || isMade();
    }

    public FileId file() {
        return new FileId(deviceMajor, deviceMinor, inode);
    }
}
