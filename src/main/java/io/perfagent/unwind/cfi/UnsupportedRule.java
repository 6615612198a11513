package io.perfagent.unwind.cfi;

/** Why well-formed call-frame information has no rule of ours: the row stops the walk, and the cause is counted. */
public enum UnsupportedRule {
    NO_CFA("no CFA is defined"),
    CFA_REGISTER("the CFA is computed from a register that is not general-purpose"),
    CFA_EXPRESSION("the CFA is an expression of unknown form"),
    STACK_POINTER("the caller's stack pointer is not the CFA"),
    RETURN_ADDRESS("the return address is neither undefined nor at an offset of the CFA, nor popped"),
    DICTIONARY_FULL("the dictionary of rules is full");

    private final String description;

    UnsupportedRule(String description) {
        this.description = description;
    }

    public String description() {
        return description;
    }
}
