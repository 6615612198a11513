package io.perfagent.elf;

import java.io.IOException;

/** A file that is no ELF file we can read: truncated, damaged, hostile, or of another class. */
public final class ElfException extends IOException {
    private static final long serialVersionUID = 1;

    public ElfException(String message) {
        super(message);
    }
}
