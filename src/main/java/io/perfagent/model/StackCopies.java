package io.perfagent.model;

/** Which samples take a part of their stack along; the ordinal is {@code enum copy_mode} of {@code bpf/abi.h}. */
public enum StackCopies {
    NEVER,
    /** Those whose walk met a process, a mapping or a table that is not known yet: user space walks on once it is. */
    UNKNOWN_CODE,
    /** All, from their leaf on: so that the walk in the kernel can be compared with the one in user space. */
    ALWAYS
}
