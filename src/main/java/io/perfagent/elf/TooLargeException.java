package io.perfagent.elf;

/** The file has what was asked for, but more of it than is read into memory. */
public final class TooLargeException extends ElfException {
    private static final long serialVersionUID = 1;

    public TooLargeException(String message) {
        super(message);
    }
}
