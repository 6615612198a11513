package io.perfagent.model;

/** Why the walk of a user stack ended; the ordinal is {@code enum walk_end} of {@code bpf/abi.h}. */
public enum WalkEnd {
    END_OF_STACK("the thread's first frame"),
    NO_USER_STACK("no user stack"),
    TOO_DEEP("more frames than a record holds"),
    NO_MAPPING("address in no known mapping"),
    NO_TABLE("mapping without unwind table"),
    NO_RULE("address without call-frame information"),
    UNSUPPORTED_RULE("call-frame information outside our rules"),
    UNKNOWN_REGISTER("rule needs a register that is not known"),
    STACK_UNREADABLE("stack memory not readable"),
    NOT_ADVANCING("frame does not advance"),
    BAD_CODE("return address not readable"),
    NO_PROCESS("process not known yet"),
    TABLE_PENDING("unwind table being compiled"),
    COMPAT("32-bit code"),
    COPY_ENDS("more stack than was copied"),
    ZERO_RETURN("return address is 0"),
    NOT_CALLED("no call before the return address");

    private static final WalkEnd[] VALUES = values();

    private final String description;

    WalkEnd(String description) {
        this.description = description;
    }

    /** @param code an {@code enum walk_end}; numbers that the enum does not have are a fault of ours */
    public static WalkEnd of(int code) {
        return VALUES[code];
    }

    /** Whether the stack holds every frame up to the thread's first. */
    public boolean complete() {
        return this == END_OF_STACK || this == NO_USER_STACK;
    }

    public String description() {
        return description;
    }
}
