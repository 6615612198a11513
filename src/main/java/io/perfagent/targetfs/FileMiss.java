package io.perfagent.targetfs;

/** Why the file behind a mapping cannot be had. */
public enum FileMiss {
    /** The mapping's file has no name any more, and only {@code map_files} still leads to it. */
    REMOVED("it was removed or replaced"),
    /** The name is another file's now: its device and inode differ, and its bytes from those in memory. */
    REPLACED("another file has its name now"),
    NOT_FOUND("nothing has that name below the root of the process"),
    /** Opening a pipe waits for its writer, opening a device does things. */
    SPECIAL("a special file has its name now"),
    DENIED("it may not be read");

    private final String description;

    FileMiss(String description) {
        this.description = description;
    }

    public String description() {
        return description;
    }
}
