package io.perfagent.agent;

import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.elf.ElfFile;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.Mapping;
import io.perfagent.process.Image;
import io.perfagent.process.TargetCode;
import io.perfagent.runtime.hotspot.HotSpot;
import io.perfagent.walker.ElfSource;
import io.perfagent.walker.UnwindTables;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What JVMs say of the code that they make, as soon as they have said it. Safe for use by several threads. */
final class Jvms {
    /** A library that is being loaded says nothing of use, and takes less than that. */
    private static final long LOADING_NANOS = 10_000_000_000L;

    private final ElfSource binaries;
    private final UnwindTables tables;
    private final Map<Integer, Seen> seen = new HashMap<>();
    private int unreadable;

    /** A library that was looked at, of an image, and when first; without an entry it has not described its code in a way that is known. */
    private record Seen(
            Mapping library, long sinceNanos, @Nullable HotSpotEntry entry) {
        boolean settled() {
            return entry != null || System.nanoTime() - sinceNanos > LOADING_NANOS;
        }
    }

    Jvms(ElfSource binaries, UnwindTables tables) {
        this.binaries = binaries;
        this.tables = tables;
    }

    /** Tells the walker of an image's JVM; one that has not come up yet is looked at again when this is called again. */
    synchronized void look(Image image) throws LinuxException {
        Mapping library = library(image);
        if (library == null) {
            return;
        }
        Seen last = seen.get(image.number());
        Seen known = last != null && last.library.equals(library) ? last : new Seen(library, System.nanoTime(), null);
        if (known.settled()) {
            return;
        }
        HotSpotEntry entry = read(image, library);
        seen.put(image.number(), new Seen(library, known.sinceNanos, entry));
        if (entry != null) {
            tables.runsJvm(image.pid(), library, entry);
        }
    }

    private @Nullable HotSpotEntry read(Image image, Mapping library) {
        try (ElfFile file = binaries.open(image.pid(), library);
                TargetCode memory = new TargetCode(image.pid())) {
            return HotSpot.read(file, library, memory);
        } catch (IOException _) {
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
        Seen known = seen.remove(image.number());
        unreadable += known != null && known.entry == null ? 1 : 0;
    }

    /** Those that came up in no way that is known, or ended before. */
    synchronized long unreadable() {
        return unreadable
                + seen.values().stream().filter(one -> one.entry == null).count();
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
