package io.perfagent.runtime.cpython;

import io.perfagent.runtime.cpython.PythonLayout.Objects;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Tells objects of built-in types, by the names of their types; where the type is is kept once it was seen. */
final class BuiltinTypes {
    private final Objects objects;
    private final PythonMemory memory;
    /** By ordinal number of the type; 0 where it has not been seen. */
    private final long[] known = new long[BuiltinType.values().length];

    /** @param types where they are, as far as that is known */
    BuiltinTypes(Objects objects, PythonMemory memory, Map<BuiltinType, Long> types) {
        this.objects = objects;
        this.memory = memory;
        types.forEach((type, address) -> known[type.ordinal()] = address);
    }

    /** Whether an object, from its beginning on, is of a type. */
    boolean is(BuiltinType type, ByteBuffer object) {
        long address = object.getLong(objects.type());
        if (known[type.ordinal()] != address && named(address, type.label)) {
            known[type.ordinal()] = address;
        }
        return address != 0 && known[type.ordinal()] == address;
    }

    private boolean named(long type, String label) {
        try {
            byte[] name = (label + '\0').getBytes(StandardCharsets.US_ASCII);
            ByteBuffer found = memory.read(memory.word(type + objects.typeName()), name.length);
            return found.equals(ByteBuffer.wrap(name));
        } catch (MissedException _) {
            return false;
        }
    }
}
