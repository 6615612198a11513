package io.perfagent.symbolize;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.elf.SymbolTable;
import io.perfagent.model.Budget;
import io.perfagent.model.PrintableName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Names for the stubs of an x86-64 procedure linkage table. A stub jumps through a slot of the global offset table, and a
 * relocation says which function the dynamic linker puts there (x86-64 psABI, "Procedure Linkage Table"):
 *
 * <pre>
 *   .plt stub   [f3 0f 1e fa] [f2] ff 25 disp32 …      jmp *disp32(%rip) ─→ slot
 *   .rela.plt   slot u64 │ type u32 │ symbol u32 │ addend u64
 * </pre>
 */
final class PltStubs {
    private static final int STUB_SIZE = 16;
    private static final int MAX_STUBS = 1 << 16;
    /** Ten times those of the largest programs: a sparse file can claim any number. */
    private static final int MAX_RELOCATIONS = 1 << 22;

    private static final long MAX_CODE_BYTES = 1 << 26;

    private static final int RELA_SIZE = 24;
    private static final int CHUNK = RELA_SIZE << 10;
    /** Two numbers and what holds them, for a slot and for a stub. */
    private static final int HEAP_BYTES = 2 * 80;

    private static final int R_X86_64_GLOB_DAT = 6;
    private static final int R_X86_64_JUMP_SLOT = 7;
    private static final int R_X86_64_IRELATIVE = 37;

    /** Address of a stub to what its slot's relocation refers to. */
    private final Map<Long, Referent> stubs = new HashMap<>();

    private final ElfFile file;
    private final LongFunction<@Nullable String> functions;
    private final Budget.Kept room;
    private @Nullable SymbolTable symbols;
    private int relocations;
    private boolean withoutRoom;

    /**
     * What a relocation refers to, without its name: names can be long.
     *
     * @param at number of a symbol, or the function's ELF address
     */
    private record Referent(boolean symbol, long at) {}

    private PltStubs(ElfFile file, LongFunction<@Nullable String> functions, Budget.Kept room) {
        this.file = file;
        this.functions = functions;
        this.room = room;
    }

    /**
     * Reads the stubs of a file, which has to stay open.
     *
     * @param functions the file's functions by ELF address: what a relocation by address refers to
     * @param room takes the stubs; where there is none, those left have no names
     */
    static PltStubs of(ElfFile file, LongFunction<@Nullable String> functions, Budget.Kept room) {
        PltStubs stubs = new PltStubs(file, functions, room);
        try {
            if (file.machine() == ElfFile.EM_X86_64) {
                stubs.symbols = SymbolTable.dynsymInFile(file);
                stubs.readStubs(stubs.readSlots());
            }
        } catch (IOException _) {
            // A damaged table names the stubs read so far.
        }
        return stubs;
    }

    @Nullable
    String find(long address) {
        for (Section section : file.sections()) {
            if (isPlt(section) && section.contains(address)) {
                Referent small = stubs.get(address & -8L); // .plt.got has stubs of 8 bytes
                return name(small != null ? small : stubs.get(stub(section, address)));
            }
        }
        return null;
    }

    /** Whether stubs were left out for want of room. */
    boolean withoutRoom() {
        return withoutRoom;
    }

    private @Nullable String name(@Nullable Referent referent) {
        SymbolTable table = symbols;
        if (referent == null || table == null) {
            return null;
        }
        String function = referent.symbol ? table.name((int) referent.at) : functions.apply(referent.at);
        return function == null ? null : PrintableName.of(function) + "@plt";
    }

    private static long stub(Section section, long address) {
        return (address - section.address()) / STUB_SIZE * STUB_SIZE + section.address();
    }

    private static boolean isPlt(Section section) {
        return section.name().equals(".plt") || section.name().startsWith(".plt.");
    }

    private Map<Long, Referent> readSlots() throws IOException {
        Map<Long, Referent> slots = new HashMap<>();
        for (Section section : file.sections()) {
            if (symbols != null && section.name().startsWith(".rela.")) {
                for (long at = 0; at < section.size() && relocations < MAX_RELOCATIONS; at += CHUNK) {
                    readRelocations(file.read(section, at, CHUNK), symbols.size(), slots);
                }
            }
        }
        return slots;
    }

    private void readRelocations(ByteBuffer table, int count, Map<Long, Referent> slots) {
        for (int at = 0; at <= table.limit() - RELA_SIZE && slots.size() < MAX_STUBS; at += RELA_SIZE) {
            int type = table.getInt(at + 8);
            int symbol = table.getInt(at + 12);
            boolean function = type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT;
            Referent referent = null;
            if (function && symbol > 0 && symbol < count) {
                referent = new Referent(true, symbol);
            } else if (type == R_X86_64_IRELATIVE) {
                referent = new Referent(false, table.getLong(at + 16));
            }
            relocations++;
            if (referent != null && hasRoom()) {
                slots.put(table.getLong(at), referent);
            }
        }
    }

    private boolean hasRoom() {
        withoutRoom = withoutRoom || !room.grow(HEAP_BYTES);
        return !withoutRoom;
    }

    private void readStubs(Map<Long, Referent> slots) throws IOException {
        for (Section section : file.sections()) {
            if (isPlt(section)) {
                long size = slots.isEmpty() ? 0 : Math.min(section.size(), MAX_CODE_BYTES);
                for (long at = 0; at < size && stubs.size() < MAX_STUBS; at += CHUNK) {
                    ByteBuffer code = file.read(section, at, CHUNK + STUB_SIZE); // a stub may begin in one chunk only
                    readStubs(section.address() + at, code, slots);
                }
            }
        }
    }

    private void readStubs(long base, ByteBuffer code, Map<Long, Referent> slots) {
        for (int at = 0; at <= code.limit() - 8 && stubs.size() < MAX_STUBS; at += 8) {
            nameStub(base, code, at, slots);
        }
    }

    private void nameStub(long base, ByteBuffer code, int stub, Map<Long, Referent> slots) {
        int at = code.getInt(stub) == 0xfa1e0ff3 ? stub + 4 : stub;
        at += at < code.limit() && code.get(at) == (byte) 0xf2 ? 1 : 0;
        if (at <= code.limit() - 6 && code.getShort(at) == 0x25ff) {
            Referent function = slots.get(base + at + 6 + code.getInt(at + 2));
            if (function != null) {
                stubs.put(base + stub, function);
            }
        }
    }
}
