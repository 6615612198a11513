package io.perfagent.python.inject;

import io.perfagent.elf.ElfException;
import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Segment;
import io.perfagent.linux.ProcessMemory;
import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import io.perfagent.targetfs.FileMissException;
import io.perfagent.targetfs.MappedFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Memory of a process that nothing uses: files are mapped by whole pages, and what a segment leaves of its last page is neither
 * code nor data of anyone (gABI chapter 5, "Program Loading").
 *
 * <pre>
 *   │ .text ……………………… .fini │ padding │      │ .data … .bss │ padding │
 *   r-x                 end of segment  page  rw-    end of segment    page
 * </pre>
 *
 * The dynamic loader's own page is left alone, since it allocates from there before malloc works.
 */
final class Padding {
    private static final int PAGE = 4096;
    private static final int ALIGNMENT = 16;
    /** See {@link #rank}: the interpreter's file, the C library and the executable. */
    private static final int LAST_RESIDENT = 2;

    private final Interpreter interpreter;
    private final ProcessMemory memory;
    private final List<Mapping> mappings;
    private final List<Mapping> files;

    Padding(Interpreter interpreter, ProcessMemory memory, List<Mapping> mappings) {
        this.interpreter = interpreter;
        this.memory = memory;
        this.mappings = mappings;
        this.files = candidates();
    }

    /** Where the control block is, or can be: the same place in every run, while the process lives. */
    long controlBlock() throws IOException, RefusedException {
        for (Mapping file : files) {
            for (long at : ends(file, true)) {
                if (fits(at, ControlBlock.SIZE, true) && (hasMagic(at) || isFree(at, ControlBlock.SIZE))) {
                    return at;
                }
            }
        }
        throw new RefusedException(InjectRefusal.UNSUPPORTED, "no padding behind a writable segment");
    }

    /** Where the code is, or can be. */
    long code(byte[] routine) throws IOException, RefusedException {
        for (Mapping file : files) {
            for (long at : ends(file, false)) {
                if (fits(at, routine.length, false) && (holds(at, routine) || isFree(at, routine.length))) {
                    return at;
                }
            }
        }
        throw new RefusedException(InjectRefusal.UNSUPPORTED, "no padding of " + routine.length + " bytes behind code");
    }

    /**
     * Where code is, or can be, that stays for good: in files that nobody unmaps, and at the end of the page, so that the routine finds its
     * place as before.
     */
    long resident(byte[] code) throws IOException, RefusedException {
        for (Mapping file : files) {
            for (long end : rank(file) <= LAST_RESIDENT ? ends(file, false) : List.<Long>of()) {
                long at = ((end | PAGE - 1) + 1 - code.length) & -ALIGNMENT;
                if (at >= end
                        && fits(end, (int) (at - end) + code.length, false)
                        && (holds(at, code) || isFree(at, code.length))) {
                    return at;
                }
            }
        }
        throw new RefusedException(
                InjectRefusal.UNSUPPORTED, "no padding of " + code.length + " bytes behind code that stays");
    }

    /** Puts the code in its place and checks that it is; false where it was there already. */
    boolean install(long at, byte[] routine) throws IOException, RefusedException {
        if (holds(at, routine)) {
            return false;
        }
        memory.write(at, routine);
        if (!holds(at, routine)) {
            throw new RefusedException(InjectRefusal.FAILED, "the routine does not read back");
        }
        return true;
    }

    /** Back to what was there before: padding is used only where it is zero. */
    void clear(long at, int size) throws IOException {
        memory.write(at, new byte[size]);
    }

    boolean hasMagic(long at) throws IOException {
        return memory.word(at) == ControlBlock.MAGIC;
    }

    private List<Mapping> candidates() {
        Set<FileId> seen = new HashSet<>();
        List<Mapping> found = new ArrayList<>();
        for (Mapping mapping : mappings) {
            if (mapping.executable() && mapping.isFile() && !isLoader(mapping) && seen.add(mapping.file())) {
                found.add(mapping);
            }
        }
        found.sort(Comparator.comparingInt(this::rank));
        return found;
    }

    /** The interpreter's file and the C library are never unmapped; behind the executable's data the heap begins. */
    private int rank(Mapping mapping) {
        if (mapping.file().equals(interpreter.file().file())) {
            return 0;
        }
        String name = fileName(mapping);
        boolean cLibrary = name.startsWith("libc.")
                || name.startsWith("libc-")
                || name.startsWith("libm.")
                || name.startsWith("libm-");
        if (cLibrary) {
            return 1;
        }
        return name.contains(".so") ? 3 : 2;
    }

    private static boolean isLoader(Mapping mapping) {
        return CLibrary.isLoader(fileName(mapping));
    }

    private static String fileName(Mapping mapping) {
        return mapping.path().substring(mapping.path().lastIndexOf('/') + 1);
    }

    private List<Long> ends(Mapping mapping, boolean writable) throws IOException {
        List<Long> ends = new ArrayList<>();
        try (ElfFile file = MappedFile.open(interpreter.pid(), mapping)) {
            long bias = mapping.start() - file.addressOfOffset(mapping.fileOffset());
            for (Segment segment : file.segments()) {
                boolean wanted = writable ? (segment.flags() & 2) != 0 : segment.executable();
                if (segment.type() == Segment.PT_LOAD && wanted) {
                    ends.add(alignUp(bias + segment.address() + segment.memorySize()));
                }
            }
        } catch (ElfException | FileMissException _) {
            return List.of();
        }
        return ends;
    }

    private boolean fits(long at, int size, boolean writable) {
        if (at % PAGE == 0 || at % PAGE + size > PAGE) {
            return false;
        }
        for (Mapping mapping : mappings) {
            if (mapping.contains(at)) {
                return writable ? mapping.writable() : mapping.executable() && mapping.isFile();
            }
        }
        return false;
    }

    private boolean isFree(long at, int size) throws IOException {
        return holds(at, new byte[size]);
    }

    private boolean holds(long at, byte[] expected) throws IOException {
        try {
            return memory.read(at, expected.length).equals(ByteBuffer.wrap(expected));
        } catch (EOFException e) {
            throw e;
        } catch (IOException _) {
            return false; // not readable: not ours
        }
    }

    private static long alignUp(long address) {
        return (address + ALIGNMENT - 1) & -ALIGNMENT;
    }
}
