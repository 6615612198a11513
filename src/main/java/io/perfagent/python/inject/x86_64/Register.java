package io.perfagent.python.inject.x86_64;

/** General registers, in the order of their numbers in an instruction (Intel SDM vol. 2, table 3-1). */
@SuppressWarnings("EnumOrdinal") // the order of the constants is the encoding
enum Register {
    RAX,
    RCX,
    RDX,
    RBX,
    RSP,
    RBP,
    RSI,
    RDI,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15;

    /** The three bits that go into the ModRM or opcode byte. */
    int low() {
        return ordinal() & 7;
    }

    /** Whether a REX bit is needed for the fourth. */
    boolean extended() {
        return ordinal() >= 8;
    }
}
