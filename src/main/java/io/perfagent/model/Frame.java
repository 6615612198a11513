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
 * @param symbol the name as the symbol table has it: the function's, with what the compiler put behind it where it made several
 */
public record Frame(
        Kind kind,
        long address,
        @Nullable Module module,
        String function,
        String file,
        @Nullable SymbolMiss miss,
        String symbol) {

    /** A frame that has its name. */
    public Frame(Kind kind, long address, @Nullable Module module, String function, String file) {
        this(kind, address, module, function, file, null);
    }

    /** A frame whose function is called as its symbol is. */
    public Frame(
            Kind kind, long address, @Nullable Module module, String function, String file, @Nullable SymbolMiss miss) {
        this(kind, address, module, function, file, miss, function);
    }

    /** A frame of a function whose symbol may say more than its name. */
    public static Frame ofSymbol(Kind kind, long address, @Nullable Module module, String function, String symbol) {
        return new Frame(kind, address, module, function, "", null, symbol);
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
