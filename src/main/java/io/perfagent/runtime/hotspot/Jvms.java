package io.perfagent.runtime.hotspot;

import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.elf.ElfFile;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.Mapping;
import io.perfagent.process.Image;
import io.perfagent.process.ImageListener;
import io.perfagent.process.TargetCode;
import io.perfagent.walker.ElfSource;
import io.perfagent.walker.UnwindTables;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What JVMs say of the code that they make, as soon as they have said it. The thread that reads the events of processes asks them;
 * any may ask what they have said.
 */
public final class Jvms implements ImageListener {
    /** A library that is being loaded says nothing of use, and takes less than that. */
    private static final long LOADING_NANOS = 10_000_000_000L;

    private final ElfSource binaries;
    private final UnwindTables tables;
    private final Map<Integer, Seen> seen = new ConcurrentHashMap<>();
    private final AtomicInteger endedUnreadable = new AtomicInteger();

    /** A library that was looked at, of an image, and when first; without an entry it has not described its code in a way that is known. */
    private record Seen(
            Mapping library, long sinceNanos, @Nullable HotSpotEntry entry) {
        boolean settled() {
            return entry != null || System.nanoTime() - sinceNanos > LOADING_NANOS;
        }
    }

    public Jvms(ElfSource binaries, UnwindTables tables) {
        this.binaries = binaries;
        this.tables = tables;
    }

    @Override
    public void known(Image image) throws LinuxException {
        look(image);
    }

    @Override
    public void unchanged(Image image) throws LinuxException {
        look(image);
    }

    /** Tells the walker of an image's JVM; one that has not come up yet is looked at again when this is called again. */
    private void look(Image image) throws LinuxException {
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
            tables.runs(image.pid(), library, entry);
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
    public @Nullable HotSpotEntry of(Image image) {
        Seen known = seen.get(image.number());
        return known == null ? null : known.entry;
    }

    @Override
    public void forgotten(Image image) {
        Seen known = seen.remove(image.number());
        endedUnreadable.addAndGet(known != null && known.entry == null ? 1 : 0);
    }

    /** Those that have not said where their code is, at this moment. */
    public long unreadable() {
        return seen.values().stream().filter(one -> one.entry == null).count();
    }

    /** Those that have ended without having said it. */
    public long endedUnreadable() {
        return endedUnreadable.get();
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
