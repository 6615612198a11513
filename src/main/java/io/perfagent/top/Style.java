package io.perfagent.top;

import io.perfagent.output.CodeKind;

/** How text looks: by SGR parameters of ECMA-48, and the colours that the page has for kinds of code. */
enum Style {
    PLAIN("", ""),
    BOLD("1", "1"),
    FAINT("2", "2"),
    HEADING("7", "7"),
    PYTHON("33", ""),
    INTERPRETER("35", ""),
    NATIVE("32", ""),
    KERNEL("31", ""),
    OTHER("36", "");

    private static final String INTRODUCER = "\033[";

    private final String coloured;
    private final String plain;

    Style(String coloured, String plain) {
        this.coloured = coloured;
        this.plain = plain;
    }

    static Style of(CodeKind kind) {
        return switch (kind) {
            case PYTHON -> PYTHON;
            case INTERPRETER -> INTERPRETER;
            case NATIVE -> NATIVE;
            case KERNEL -> KERNEL;
            case JIT, UNNAMED, OTHER -> Style.OTHER;
        };
    }

    String begin(boolean colours) {
        String parameters = colours ? coloured : plain;
        return parameters.isEmpty() ? "" : INTRODUCER + parameters + "m";
    }

    String end(boolean colours) {
        return begin(colours).isEmpty() ? "" : INTRODUCER + "0m";
    }
}
