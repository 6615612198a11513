package io.perfagent.unwind.cfi;

/** What can be wrong with call-frame information; each occurrence is counted and the rest of the file still serves. */
public enum CfiError {
    UNREADABLE("the section is missing, too large or outside the file"),
    MACHINE("no unwind rules for this machine"),
    BAD_LENGTH("an entry is longer than the section; nothing after it can be found"),
    TRUNCATED("an entry ends in the middle of a field"),
    BAD_CIE("a CIE of unknown version, augmentation or alignment factor"),
    NO_CIE("an FDE whose CIE is damaged or not there"),
    BAD_POINTER("an unknown pointer encoding"),
    BAD_RANGE("an FDE or a Go function of no code, or of addresses that are not executable"),
    BAD_INSTRUCTION("an unknown call-frame instruction"),
    BAD_OPERAND("a register, offset or location out of range"),
    BAD_STATE_STACK("remember_state and restore_state do not match"),
    TOO_MANY("more CIEs, FDEs or rows than a table takes"),
    GO_TABLE("a Go function table of unknown version, without its parts, or whose code cannot be found");

    private final String description;

    CfiError(String description) {
        this.description = description;
    }

    public String description() {
        return description;
    }
}
