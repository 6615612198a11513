package io.perfagent.targetfs;

import java.nio.channels.FileChannel;

/** What came of opening a file in a target's {@code /tmp}. */
public sealed interface TmpFile {
    /** The caller closes it. */
    record Open(FileChannel channel) implements TmpFile {}

    record Missing() implements TmpFile {}

    /** A link, no regular file, another user's, or one that may not be read. */
    record Refused() implements TmpFile {}
}
