package io.perfagent.python.inject.aarch64;

/** Conditions of a branch, by their code (Arm ARM, C1.2.4); of unsigned numbers where it matters. */
enum Condition {
    EQUAL(0),
    NOT_EQUAL(1),
    BELOW(3),
    BELOW_OR_EQUAL(9);

    private final int code;

    Condition(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
