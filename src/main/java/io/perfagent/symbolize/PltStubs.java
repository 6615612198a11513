package io.perfagent.symbolize;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.elf.SymbolTable;
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
    private static final int RELA_SIZE = 24;
    private static final int R_X86_64_GLOB_DAT = 6;
    private static final int R_X86_64_JUMP_SLOT = 7;
    private static final int R_X86_64_IRELATIVE = 37;

    private final Map<Long, String> names = new HashMap<>();
    private final ElfFile file;
    private final LongFunction<@Nullable String> functions;

    private PltStubs(ElfFile file, LongFunction<@Nullable String> functions) {
        this.file = file;
        this.functions = functions;
    }

    /** @param functions the file's functions by ELF address: what a relocation by address refers to */
    static PltStubs of(ElfFile file, LongFunction<@Nullable String> functions) {
        PltStubs stubs = new PltStubs(file, functions);
        try {
            if (file.machine() == ElfFile.EM_X86_64) {
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
                String small = names.get(address & -8L); // .plt.got has stubs of 8 bytes
                return small != null ? small : names.get(stub(section, address));
            }
        }
        return null;
    }

    private static long stub(Section section, long address) {
        return (address - section.address()) / STUB_SIZE * STUB_SIZE + section.address();
    }

    private static boolean isPlt(Section section) {
        return section.name().equals(".plt") || section.name().startsWith(".plt.");
    }

    private Map<Long, String> readSlots() throws IOException {
        Map<Long, String> slots = new HashMap<>();
        SymbolTable symbols = SymbolTable.dynsym(file);
        for (Section section : file.sections()) {
            if (symbols != null && section.name().startsWith(".rela.")) {
                readRelocations(file.read(section), symbols, slots);
            }
        }
        return slots;
    }

    private void readRelocations(ByteBuffer table, SymbolTable symbols, Map<Long, String> slots) {
        for (int at = 0; at <= table.limit() - RELA_SIZE && slots.size() < MAX_STUBS; at += RELA_SIZE) {
            int type = table.getInt(at + 8);
            int symbol = table.getInt(at + 12);
            boolean function = type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT;
            String name = null;
            if (function && symbol > 0 && symbol < symbols.size()) {
                name = symbols.name(symbol);
            } else if (type == R_X86_64_IRELATIVE) {
                name = functions.apply(table.getLong(at + 16));
            }
            if (name != null) {
                slots.put(table.getLong(at), name);
            }
        }
    }

    private void readStubs(Map<Long, String> slots) throws IOException {
        for (Section section : file.sections()) {
            if (isPlt(section)) {
                ByteBuffer code = file.read(section);
                for (int at = 0; at <= code.limit() - 8 && names.size() < MAX_STUBS; at += 8) {
                    nameStub(section.address(), code, at, slots);
                }
            }
        }
    }

    private void nameStub(long base, ByteBuffer code, int stub, Map<Long, String> slots) {
        int at = code.getInt(stub) == 0xfa1e0ff3 ? stub + 4 : stub;
        at += at < code.limit() && code.get(at) == (byte) 0xf2 ? 1 : 0;
        if (at <= code.limit() - 6 && code.getShort(at) == 0x25ff) {
            String function = slots.get(base + at + 6 + code.getInt(at + 2));
            if (function != null) {
                names.put(base + stub, PrintableName.of(function) + "@plt");
            }
        }
    }
}
