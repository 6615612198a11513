package io.perfagent.runtime.cpython;

/** Types that an interpreter has one of, at an address that does not change. */
enum BuiltinType {
    CODE("code", "PyCode_Type"),
    STR("str", "PyUnicode_Type"),
    BYTES("bytes", "PyBytes_Type"),
    TUPLE("tuple", "PyTuple_Type"),
    FUNCTION("function", "PyFunction_Type");

    /** As {@code tp_name} has it, without its final 0. */
    final String label;

    /** Of the type itself, which is exported. */
    final String symbol;

    BuiltinType(String label, String symbol) {
        this.label = label;
        this.symbol = symbol;
    }
}
