package io.perfagent.elf;

import java.io.IOException;

/** A file that is no ELF file we can read: truncated, damaged, hostile, or of another class. */
public sealed class ElfException extends IOException permits TooLargeException {
    private static final long serialVersionUID = 1;

    public ElfException(String message) {
        super(message);
    }
}
