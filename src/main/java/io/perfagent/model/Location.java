package io.perfagent.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place in code, with its names.
 *
 * @param kind what code it is
 * @param address runtime address inside the instruction that runs or calls; 0 for a frame that a runtime keeps in its own memory
 * @param module where the address lies; null for anonymous memory
 * @param calls innermost first, each inlined into the next; never empty
 * @param miss why there is no name; null unless the kind is {@link Kind#UNNAMED}
 */
public record Location(
        Kind kind,
        long address,
        @Nullable Module module,
        List<Call> calls,
        @Nullable SymbolMiss miss) {
    public Location {
        calls = List.copyOf(calls);
        if (calls.isEmpty()) {
            throw new IllegalArgumentException("a location without a call, at 0x" + Long.toHexString(address));
        }
    }

    /** A place that has its name, with nothing inlined. */
    public Location(Kind kind, long address, @Nullable Module module, Call call) {
        this(kind, address, module, List.of(call), null);
    }

    /** A place that has none, but for one that stands in. */
    public static Location unnamed(long address, @Nullable Module module, String standIn, SymbolMiss miss) {
        return new Location(Kind.UNNAMED, address, module, List.of(new Call(standIn, "")), miss);
    }

    /** Whether the kernel's own code lies there, with a name or without: it has the upper half of the addresses. */
    public boolean isInKernel() {
        return kind == Kind.KERNEL || address < 0;
    }

    public Call innermost() {
        return calls.getFirst();
    }

    /** What code it is. */
    public enum Kind {
        PYTHON("py::"),
        NATIVE(""),
        KERNEL(""),
        /** Of which a profile of others does not say what code it is. */
        OTHER(""),
        /** The address has no symbol; the function's name says the module and address instead. */
        UNNAMED("");

        private final String prefix;

        Kind(String prefix) {
            this.prefix = prefix;
        }

        /** Stands before names where they are written, for no format of profiles has kinds. */
        public String prefix() {
            return prefix;
        }
    }
}
