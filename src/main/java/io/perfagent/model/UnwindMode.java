package io.perfagent.model;

/** How user stacks are walked. */
public enum UnwindMode {
    /** Call-frame information; frame pointers where code has none. */
    AUTO,
    /** Call-frame information only. */
    DWARF,
    /** Frame pointers only. */
    FP
}
