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

    /** A sample waits for the table behind an address: the file that it belongs to, null where the address is in none. */
    public @Nullable FileId want(Image image, long address) {
        Mapping mapping = mapping(image, address);
        if (mapping == null || !mapping.isImage()) {
            return null;
        }
        compilers.request(image.pid(), mapping);
        compilers.hurry(mapping.file());
        return mapping.file();
    }

    /** Whether it is known what is mapped at an address. */
    public static boolean isMapped(Image image, long address) {
        return mapping(image, address) != null;
    }

    /**
     * A sample waits for what may say in which frames code runs that an image has made: all of its tables. A file whose table is not there yet; null where
     * there is none.
     */
    public @Nullable FileId wantAll(Image image) {
        tables.missing(image.pid(), image.code()).forEach(mapping -> compilers.request(image.pid(), mapping));
        return compilers.pending(image.code());
    }

    /** Whether a file's table has been compiled, or is known to be impossible. */
    public boolean isReady(FileId file) {
        return tables.isReady(file);
    }

    /** Compiles the table behind an address: false where there is nothing to compile, or that is done. */
    public boolean compile(Image image, long address) {
        Mapping mapping = mapping(image, address);
        if (mapping == null || tables.isReady(mapping.file())) {
            return false;
        }
        tables.compile(image.pid(), mapping);
        return true;
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
