package io.perfagent.walker;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.CodeMemory;
import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import io.perfagent.model.WalkEnd;
import io.perfagent.process.Image;
import io.perfagent.unwind.RulesAhead;
import io.perfagent.unwind.table.KeptFrames;
import io.perfagent.unwind.table.RuleDictionary;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Rows of large files whose tables are still being compiled. One thread at a time. */
public final class TablesAhead implements AutoCloseable {
    private static final int PENDING = UnwindRow.stop(WalkEnd.TABLE_PENDING);
    /** Files that are open at once. */
    private static final int MOST_FILES = 16;

    private final ElfSource source;
    private final RuleDictionary dictionary;
    /** Nothing of those that are small, or cannot be opened. */
    private final Map<FileId, Optional<RulesAhead>> files = new HashMap<>();

    public TablesAhead(ElfSource source, RuleDictionary dictionary) {
        this.source = source;
        this.dictionary = dictionary;
    }

    /** Those of an image, where its tables have none yet. Code without an FDE has a stop for {@link WalkEnd#NO_TABLE}. */
    public CodeRows rows(Image image, CodeRows tables) {
        return new CodeRows() {
            @Override
            public int row(long address) {
                int row = tables.row(address);
                return row == PENDING ? ahead(image, address) : row;
            }

            @Override
            public boolean isExecutable(long address) {
                return tables.isExecutable(address);
            }

            @Override
            public int made(CodeMemory memory, long address) {
                return tables.made(memory, address);
            }

            @Override
            public boolean leads(CodeMemory memory, long function, long pc) {
                return tables.leads(memory, function, pc);
            }

            @Override
            public KeptFrames keptFrames() {
                return tables.keptFrames();
            }
        };
    }

    private int ahead(Image image, long address) {
        for (Mapping mapping : image.code()) {
            if (mapping.contains(address)) {
                return file(image, mapping)
                        .map(file -> file.row(file.addressOfOffset(mapping.fileOffset()) + (address - mapping.start())))
                        .orElse(PENDING);
            }
        }
        return PENDING;
    }

    private Optional<RulesAhead> file(Image image, Mapping mapping) {
        Optional<RulesAhead> known = files.get(mapping.file());
        if (known != null) {
            return known;
        }
        if (files.size() == MOST_FILES) {
            close();
        }
        Optional<RulesAhead> opened = open(image, mapping);
        files.put(mapping.file(), opened);
        return opened;
    }

    private Optional<RulesAhead> open(Image image, Mapping mapping) {
        try {
            return Optional.ofNullable(RulesAhead.of(source.open(image.pid(), mapping), dictionary));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /** Closes the files; they are opened again where they are asked for. */
    @Override
    public void close() {
        for (Optional<RulesAhead> file : files.values()) {
            file.ifPresent(TablesAhead::close);
        }
        files.clear();
    }

    private static void close(RulesAhead file) {
        try {
            file.close();
        } catch (IOException _) {
            // Opened for reading: nothing is lost.
        }
    }
}
