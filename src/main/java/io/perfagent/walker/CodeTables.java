package io.perfagent.walker;

import io.perfagent.linux.LinuxException;
import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import io.perfagent.process.Image;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** The tables of what an image has mapped, and what is asked of them. Safe for use by several threads. */
public final class CodeTables {
    private final UnwindTables tables;
    private final TableCompilers compilers;
    private final MadeCode made;

    public CodeTables(UnwindTables tables, TableCompilers compilers, MadeCode made) {
        this.tables = tables;
        this.compilers = compilers;
        this.made = made;
    }

    /** The rows of what it has mapped, for the thread that answers what made code does; null while its mappings must be read first. */
    public @Nullable CodeRows rows(Image image) {
        return image.unread()
                ? null
                : tables.rows(image.code(), (memory, address) -> made.row(image.pid(), image.code(), memory, address));
    }

    /**
     * A sample waits for the table behind an address: the file that it belongs to, null where the address is in none. Of made code it is one that may say
     * in which frames that runs.
     */
    public @Nullable FileId want(Image image, long address) {
        Mapping mapping = mapping(image, address);
        if (mapping == null) {
            return null;
        }
        FileId first = MadeMemory.isMade(mapping) ? compilers.pending(image.code()) : null;
        if (first != null || !mapping.isImage()) {
            return first;
        }
        compilers.request(image.pid(), mapping);
        compilers.hurry(mapping.file());
        return mapping.file();
    }

    /** Whether a file's table has been compiled, or is known to be impossible. */
    public boolean isReady(FileId file) {
        return tables.isReady(file);
    }

    /** Compiles the table behind an address, unless that is done. */
    public void compile(Image image, long address) {
        Mapping mapping = mapping(image, address);
        if (mapping != null) {
            tables.compile(image.pid(), mapping);
        }
    }

    /** A sample has an address in memory that is no file's: the process has made its code, or it is not known yet what is there. */
    public void hits(Image image, long address) {
        Mapping mapping = mapping(image, address);
        if (mapping != null && !mapping.isImage()) {
            try {
                tables.makesCode(image.pid());
            } catch (LinuxException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static @Nullable Mapping mapping(Image image, long address) {
        for (Mapping mapping : image.code()) {
            if (mapping.contains(address)) {
                return mapping;
            }
        }
        return null;
    }
}
