package io.perfagent.unwind.x86_64.flow;

/** What an instruction is to whoever looks for its frame. In the equations, {@code [a]} is the word at address {@code a}. */
enum Kind {
    /** Changes no general register but those of its mask. */
    OTHER,
    /** Does nothing, and may fill the space between two functions. */
    NOP,
    /** {@code endbr64}: where functions begin, and little else. */
    LANDING,
    /** {@code rsp -= 8; [rsp] = register}. */
    PUSH,
    /** {@code rsp -= 8; [rsp] = something}. */
    PUSH_OTHER,
    /** {@code register = [rsp]; rsp += 8}. */
    POP,
    /** {@code rsp += 8}. */
    POP_OTHER,
    /** {@code [base + value] = register}. */
    STORE,
    /** {@code register = [base + value]}. */
    LOAD,
    /** {@code register = base + value}. */
    SUM,
    /** {@code rsp = rbp; rbp = [rsp]; rsp += 8}. */
    LEAVE,
    /** Goes on at the value, and there only. */
    JUMP,
    /** Goes on wherever the word says that lies so many bytes behind the instruction, as entries of a procedure linkage table do: in another function. */
    JUMP_FUNCTION,
    /** Goes on somewhere. */
    JUMP_ANYWHERE,
    /** Goes on at {@code [base + value]}. */
    JUMP_THROUGH,
    /** Goes on at the value or behind the instruction. */
    BRANCH,
    /** Calls what is at the value. */
    CALL,
    /** Calls something, which takes so many bytes of arguments off the stack as the value says. */
    CALL_ANYTHING,
    /** {@code rip = [rsp]; rsp += 8}, or by more: arguments are no part of a frame. */
    RETURN,
    /** Nothing follows. */
    STOP;

    private static final Kind[] VALUES = values();

    static Kind of(int ordinal) {
        return VALUES[ordinal];
    }

    /** Whether the instruction behind it is not what runs next. */
    boolean ends() {
        return switch (this) {
            case JUMP, JUMP_FUNCTION, JUMP_ANYWHERE, JUMP_THROUGH, RETURN, STOP -> true;
            case OTHER,
                    NOP,
                    LANDING,
                    PUSH,
                    PUSH_OTHER,
                    POP,
                    POP_OTHER,
                    STORE,
                    LOAD,
                    SUM,
                    LEAVE,
                    BRANCH,
                    CALL,
                    CALL_ANYTHING -> false;
        };
    }
}
