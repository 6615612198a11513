package io.perfagent.agent;

import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.elf.ElfFile;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.Mapping;
import io.perfagent.target.Image;
import io.perfagent.unwind.ElfSource;
import io.perfagent.unwind.UnwindTables;
import io.perfagent.unwind.hotspot.HotSpot;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What JVMs say of the code that they make, as soon as they have said it. Safe for use by several threads. */
final class Jvms {
    private final ElfSource binaries;
    private final UnwindTables tables;
    private final Map<Integer, Seen> seen = new HashMap<>();
    private int unreadable;

    /** A library that was looked at, of an image; without an entry it does not describe its code in a way that is known. */
    private record Seen(Mapping library, @Nullable HotSpotEntry entry) {}

    Jvms(ElfSource binaries, UnwindTables tables) {
        this.binaries = binaries;
        this.tables = tables;
    }

    /** Tells the walker of an image's JVM; one that has not come up yet is looked at again when this is called again. */
    synchronized void look(Image image) throws LinuxException {
        Mapping library = library(image);
        Seen known = seen.get(image.number());
        if (library == null || (known != null && known.library.equals(library))) {
            return;
        }
        HotSpotEntry entry = read(image, library);
        if (entry != null) {
            seen.put(image.number(), new Seen(library, entry));
            tables.runsJvm(image.pid(), library, entry);
        }
    }

    private @Nullable HotSpotEntry read(Image image, Mapping library) {
        try (ElfFile file = binaries.open(image.pid(), library);
                TargetCode memory = new TargetCode(image.pid())) {
            return HotSpot.read(file, library, memory);
        } catch (IOException _) {
            seen.put(image.number(), new Seen(library, null));
            unreadable++;
            return null;
        }
    }

    /** What is known of an image as a JVM; null where it is none, or has not come up. */
    synchronized @Nullable HotSpotEntry of(Image image) {
        Seen known = seen.get(image.number());
        return known == null ? null : known.entry;
    }

    /** No sample of the image will come any more. */
    synchronized void forget(Image image) {
        seen.remove(image.number());
    }

    /** Those that did not describe their code in a way that is known. */
    synchronized int unreadable() {
        return unreadable;
    }

    private static @Nullable Mapping library(Image image) {
        for (Mapping mapping : image.code()) {
            if (HotSpot.isLibrary(mapping)) {
                return mapping;
            }
        }
        return null;
    }
}
