package io.perfagent.view;

import org.jspecify.annotations.Nullable;

/** Which of a function's two amounts puts it first. */
public enum Sort {
    SELF,
    TOTAL;

    /** Null where none is called so. */
    public static @Nullable Sort named(String name) {
        return switch (name) {
            case "self", "flat" -> SELF;
            case "total", "cum" -> TOTAL;
            default -> null;
        };
    }
}
