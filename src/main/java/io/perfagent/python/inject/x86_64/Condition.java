package io.perfagent.python.inject.x86_64;

/** Conditions of a jump, by their code (Intel SDM vol. 2, appendix B, table B-10). */
enum Condition {
    BELOW(2),
    EQUAL(4),
    NOT_EQUAL(5),
    BELOW_OR_EQUAL(6);

    private final int code;

    Condition(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
