package io.perfagent.model;

/** The bytes of a process's code. */
@FunctionalInterface
public interface CodeMemory {
    /** {@code length} bytes from an address on, put into {@code to} at {@code at}; false where they cannot be read. */
    boolean read(long address, byte[] to, int at, int length);
}
