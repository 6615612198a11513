package io.perfagent.process;

import io.perfagent.linux.LinuxException;

/** Hears of the images of a run, on the thread that reads the events of processes: one that takes long makes the kernel drop some. */
public interface ImageListener {
    /** Its mappings have been read or have changed, and the walker is told next: what it has made may be added to them. */
    default void found(Image image) {}

    /** Its mappings are known, for the first time or anew, and the walker has been told. */
    default void known(Image image) throws LinuxException {}

    /** Its mappings were read again, for samples hit code of it that no file holds, and are what they were. */
    default void unchanged(Image image) throws LinuxException {}

    /** It has ended; samples of it may still come. */
    default void ended(Image image) {}

    /** No sample of it will come any more. */
    default void forgotten(Image image) {}
}
