package io.perfagent.runtime.hotspot;

import java.util.HashMap;
import java.util.Map;

/**
 * The fields and types that a JVM tells debuggers of ({@code runtime/vmStructs.hpp} of OpenJDK): arrays in its memory, which end with an
 * entry without a name. Symbols say where they are, how large an entry is and where its parts are.
 *
 * <pre>
 *   gHotSpotVMStructs ─→ │ type name │ field name │ field's type │ static? │ offset │ address │ … │ 0 │
 *   gHotSpotVMTypes   ─→ │ type name │ … │ size │ … │ 0 │
 * </pre>
 */
final class VmStructs {
    /** JDK 17 has 788 fields. */
    private static final int MOST_ENTRIES = 16_384;

    private static final int LARGEST_ENTRY = 256;

    private final JvmMemory memory;
    private final Symbols symbols;
    private final Map<String, Field> fields = new HashMap<>();
    private final Map<String, Long> sizes = new HashMap<>();

    /** Where the JVM's library has its symbols. */
    @FunctionalInterface
    interface Symbols {
        /** The runtime address of a symbol. */
        long address(String name) throws MalformedJvm;
    }

    /**
     * A field.
     *
     * @param type as in C++
     * @param at its offset in an object, or where it lies if it is static
     */
    record Field(String type, long at) {}

    private VmStructs(JvmMemory memory, Symbols symbols) {
        this.memory = memory;
        this.symbols = symbols;
    }

    static VmStructs read(JvmMemory memory, Symbols symbols) throws MalformedJvm {
        VmStructs structs = new VmStructs(memory, symbols);
        structs.readFields();
        structs.readTypes();
        return structs;
    }

    /** A field by its type and name, {@code CodeBlob::_size}. */
    Field field(String name) throws MalformedJvm {
        Field field = fields.get(name);
        if (field == null) {
            throw new MalformedJvm("no " + name);
        }
        return field;
    }

    boolean has(String name) {
        return fields.containsKey(name);
    }

    /** Bytes of a type. */
    long size(String type) throws MalformedJvm {
        Long size = sizes.get(type);
        if (size == null) {
            throw new MalformedJvm("no type " + type);
        }
        return size;
    }

    private void readFields() throws MalformedJvm {
        long typeName = value("VMStructEntryTypeNameOffset");
        long fieldName = value("VMStructEntryFieldNameOffset");
        long typeString = value("VMStructEntryTypeStringOffset");
        long isStatic = value("VMStructEntryIsStaticOffset");
        long offset = value("VMStructEntryOffsetOffset");
        long address = value("VMStructEntryAddressOffset");
        Entries entries = new Entries("VMStruct", typeName);
        for (long at = entries.next(); at != 0; at = entries.next()) {
            boolean fixed = memory.number(at + isStatic) != 0;
            long where = memory.word(at + (fixed ? address : offset));
            String name = string(at + typeName) + "::" + string(at + fieldName);
            fields.put(name, new Field(string(at + typeString), where));
        }
    }

    private void readTypes() throws MalformedJvm {
        long typeName = value("VMTypeEntryTypeNameOffset");
        long size = value("VMTypeEntrySizeOffset");
        Entries entries = new Entries("VMType", typeName);
        for (long at = entries.next(); at != 0; at = entries.next()) {
            sizes.put(string(at + typeName), memory.word(at + size));
        }
    }

    private String string(long at) throws MalformedJvm {
        return memory.string(memory.word(at));
    }

    private long value(String symbol) throws MalformedJvm {
        long value = memory.word(symbols.address("gHotSpot" + symbol));
        if (value < 0 || value > LARGEST_ENTRY) {
            throw new MalformedJvm("gHotSpot" + symbol + " is " + value);
        }
        return value;
    }

    /** The entries of an array, in order. */
    private final class Entries {
        private final long stride;
        private final long name;
        private long next;
        private int count;

        Entries(String array, long name) throws MalformedJvm {
            this.next = memory.word(symbols.address("gHotSpot" + array + "s"));
            this.stride = value(array + "EntryArrayStride");
            this.name = name;
        }

        /** Where the next entry begins; 0 behind the last. */
        long next() throws MalformedJvm {
            if (count++ >= MOST_ENTRIES) {
                throw new MalformedJvm("more than " + MOST_ENTRIES + " entries");
            }
            long at = next;
            next += stride;
            return memory.word(at + name) == 0 ? 0 : at;
        }
    }
}
