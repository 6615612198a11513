package io.perfagent.runtime.cpython;

/** Types that an interpreter has one of, at an address that does not change. */
enum BuiltinType {
    CODE("code"),
    STR("str"),
    BYTES("bytes");

    /** As {@code tp_name} has it, without its final 0. */
    final String label;

    BuiltinType(String label) {
        this.label = label;
    }
}
