package io.perfagent.model;

import org.jspecify.annotations.Nullable;

/**
 * One frame with its name.
 *
 * @param kind what code it is
 * @param address runtime address inside the instruction that runs or calls
 * @param module where the address lies; null for anonymous memory
 * @param function the function's name, for Python {@code py::<qualname>}; never empty
 * @param file source file of the function, {@code ""} where unknown
 * @param miss why there is no name; null unless the kind is {@link Kind#UNNAMED}
 */
public record Frame(
        Kind kind,
        long address,
        @Nullable Module module,
        String function,
        String file,
        @Nullable SymbolMiss miss) {

    /** A frame that has its name. */
    public Frame(Kind kind, long address, @Nullable Module module, String function, String file) {
        this(kind, address, module, function, file, null);
    }

    /** What code a frame is. */
    public enum Kind {
        PYTHON,
        NATIVE,
        KERNEL,
        /** The address has no symbol; the function name says the module and address instead. */
        UNNAMED
    }
}
