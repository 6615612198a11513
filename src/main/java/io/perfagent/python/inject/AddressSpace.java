package io.perfagent.python.inject;

import io.perfagent.model.Mapping;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/** What a stopped thread's stack pointer and program counter are looked up in, quickly: put in order before any thread is stopped. */
final class AddressSpace {
    private final Ranges stacks;
    private final Ranges foreignCode;

    private AddressSpace(Ranges stacks, Ranges foreignCode) {
        this.stacks = stacks;
        this.foreignCode = foreignCode;
    }

    static AddressSpace of(Interpreter interpreter, List<Mapping> mappings) {
        return new AddressSpace(
                Ranges.of(mappings, Mapping::writable),
                Ranges.of(mappings, mapping -> isForeign(interpreter, mapping)));
    }

    /** Whether {@code bytes} are left below; the main thread's stack grows as it is used, and has them. */
    boolean hasStack(long stackPointer, long bytes) {
        int index = stacks.find(stackPointer);
        return index >= 0 && (stacks.growing[index] || stackPointer - stacks.starts[index] >= bytes);
    }

    /** Whether code is of a library other than the interpreter's and the C library's. */
    boolean isForeign(long programCounter) {
        return foreignCode.find(programCounter) >= 0;
    }

    private static boolean isForeign(Interpreter interpreter, Mapping mapping) {
        String name = mapping.path().substring(mapping.path().lastIndexOf('/') + 1);
        return mapping.executable()
                && mapping.isFile()
                && !mapping.file().equals(interpreter.file().file())
                && !CLibrary.holdsLocks(name);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Ranges(long[] starts, long[] ends, boolean[] growing) {
        static Ranges of(List<Mapping> mappings, Predicate<Mapping> wanted) {
            List<Mapping> chosen = new ArrayList<>(mappings);
            chosen.removeIf(wanted.negate());
            chosen.sort(Comparator.comparingLong(Mapping::start));
            Ranges ranges = new Ranges(new long[chosen.size()], new long[chosen.size()], new boolean[chosen.size()]);
            for (int index = 0; index < chosen.size(); index++) {
                ranges.starts[index] = chosen.get(index).start();
                ranges.ends[index] = chosen.get(index).end();
                ranges.growing[index] = chosen.get(index).path().equals("[stack]");
            }
            return ranges;
        }

        /** −1 where there is none. User addresses are positive. */
        int find(long address) {
            int index = Arrays.binarySearch(starts, address);
            index = index >= 0 ? index : -index - 2;
            return index >= 0 && address < ends[index] ? index : -1;
        }
    }
}
