package io.perfagent.symbolize;

import io.perfagent.elf.ElfException;
import io.perfagent.elf.ElfFile;
import io.perfagent.model.Budget;
import io.perfagent.model.BuildId;
import io.perfagent.model.Mapping;
import io.perfagent.model.SymbolMiss;
import io.perfagent.targetfs.FileMissException;
import io.perfagent.targetfs.MappedFile;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A binary that code was mapped from. The file stays open, so that it keeps its symbols when its name or its users go. */
final class Binary implements AutoCloseable {
    static final Binary UNREADABLE = new Binary(null, null, SymbolMiss.UNREADABLE_FILE, null, null);
    static final Binary REPLACED = new Binary(null, null, SymbolMiss.REPLACED_FILE, null, null);
    static final Binary BAD = new Binary(null, null, SymbolMiss.BAD_FILE, null, null);
    static final Binary NO_ROOM = new Binary(null, null, SymbolMiss.NO_ROOM, null, null);

    private final @Nullable ElfFile file;
    private final @Nullable BuildId buildId;
    private final SymbolMiss miss;
    private final @Nullable ElfFile debugFile;
    /** Of the headers. */
    private final Budget.@Nullable Kept room;
    /** Of the symbols, which can be read anew. */
    private final Budget.@Nullable Kept symbolRoom;

    private @Nullable ElfSymbols symbols;
    private @Nullable FunctionStarts starts;
    private int users;
    private int askedIn;

    private Binary(
            @Nullable ElfFile file,
            @Nullable BuildId buildId,
            SymbolMiss miss,
            @Nullable ElfFile debugFile,
            Budget.@Nullable Kept room) {
        this.file = file;
        this.buildId = buildId;
        this.miss = miss;
        this.debugFile = debugFile;
        this.room = room;
        this.symbolRoom = room == null ? null : room.budget().keep();
    }

    /** The binary behind a mapping of a process, with the debug file that the process has for it. */
    static Binary open(int pid, Mapping mapping, Budget budget) {
        try {
            ElfFile file = MappedFile.open(pid, mapping);
            return of(file, DebugFile.ofTarget(pid, buildIdOf(file)), budget);
        } catch (FileMissException e) {
            return switch (e.miss()) {
                case REMOVED, REPLACED -> REPLACED;
                case NOT_FOUND, SPECIAL, DENIED -> UNREADABLE;
            };
        } catch (ElfException _) {
            return BAD;
        } catch (IOException _) {
            return UNREADABLE;
        }
    }

    /** A file without a debug file; it is closed with this. */
    static Binary of(ElfFile file, Budget budget) throws IOException {
        return of(file, null, budget);
    }

    /** The headers of an open file take room, too; where there is none, it is closed again. */
    private static Binary of(ElfFile file, @Nullable ElfFile debugFile, Budget budget) throws IOException {
        Budget.Kept room = budget.keep();
        long bytes = file.heapBytes() + (debugFile == null ? 0 : debugFile.heapBytes());
        if (!room.grow(bytes)) {
            try (file;
                    debugFile) {
                return NO_ROOM;
            }
        }
        return new Binary(file, buildIdOf(file), SymbolMiss.NO_SYMBOL, debugFile, room);
    }

    private static @Nullable BuildId buildIdOf(ElfFile file) {
        try {
            return file.buildId();
        } catch (IOException _) {
            return null;
        }
    }

    @Nullable
    BuildId buildId() {
        return buildId;
    }

    /** Whether it has been opened, and is no ELF file. */
    boolean noElfFile() {
        return miss == SymbolMiss.BAD_FILE;
    }

    /** Why an address of this binary has no name, when it has none. */
    SymbolMiss miss() {
        SymbolMiss ofSymbols = symbols == null ? null : symbols.miss();
        return ofSymbols == null ? miss : ofSymbols;
    }

    /** Whether symbols can be read at all. */
    boolean readable() {
        return file != null;
    }

    /** The ELF address behind a runtime address in a mapping of this binary; the file offset where no segment has it. */
    long elfAddress(Mapping mapping, long address) {
        long offset = address - mapping.start() + mapping.fileOffset();
        long found = file == null ? -1 : file.addressOfOffset(offset);
        return found == -1 ? offset : found;
    }

    /** The function at an ELF address; null where the symbols have none. They are read when the first one is asked for. */
    @Nullable
    String find(long elfAddress) {
        if (file == null || symbolRoom == null) {
            return null;
        }
        if (symbols == null) {
            symbols = ElfSymbols.of(file, debugFile, symbolRoom);
        }
        return symbols.find(elfAddress);
    }

    boolean hasSymbols() {
        return symbols != null;
    }

    /** Gives the symbols up; who asks again has them read anew. */
    void forgetSymbols() {
        ElfSymbols read = symbols;
        symbols = null;
        try (symbolRoom;
                read) {
            // Both are closed.
        } catch (IOException _) {
            // Nothing was written, so nothing is lost.
        }
    }

    /** Number of the interval in which a name was asked for last, 0 before that. */
    int askedIn() {
        return askedIn;
    }

    void askIn(int interval) {
        askedIn = interval;
    }

    /** A process has it mapped. */
    void retain() {
        users++;
    }

    void release() {
        users--;
    }

    boolean unused() {
        return users == 0;
    }

    /** Names of Go functions hold dots that mean something: {@code main.cold} is the function cold. */
    boolean compiledByGo() {
        return file != null && file.section(".go.buildinfo") != null;
    }

    /** ELF address that stands for the function without a name that an ELF address is in. */
    long functionStart(long elfAddress) {
        if (file == null || room == null) {
            return elfAddress;
        }
        if (starts == null) {
            FunctionStarts read = FunctionStarts.of(file);
            starts = room.grow(read.heapBytes()) ? read : FunctionStarts.none(file);
        }
        return starts.startOf(elfAddress);
    }

    @Override
    public void close() throws IOException {
        forgetSymbols();
        try (room;
                debugFile) {
            if (file != null) {
                file.close();
            }
        }
    }
}
