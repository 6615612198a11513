package io.perfagent.runtime.gdbjit;

import io.perfagent.elf.LoadedObject;
import io.perfagent.model.CodeMemory;
import io.perfagent.model.Mapping;
import io.perfagent.process.Image;
import io.perfagent.process.ImageListener;
import io.perfagent.process.TargetCode;
import io.perfagent.runtime.gdbjit.JitList.Entry;
import io.perfagent.walker.ElfSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Code that programs have made and described to debuggers, by ELF images in their memory: it is published as if files were mapped there, with
 * tables and names of its own. The lists are read when code of an image becomes known or is hit that is not; of the thread that reads
 * the events of processes.
 */
public final class JitImages implements ImageListener {
    /** Objects of one process together. */
    private static final long MOST_BYTES = 1 << 25;

    private final JitDescriptors descriptors;
    /** By number of the image: of its entries those that were not taken when it was looked at last. */
    private final Map<Integer, Long> notTaken = new ConcurrentHashMap<>();

    private final AtomicLong notTakenOfForgotten = new AtomicLong();

    public JitImages(ElfSource binaries) {
        this.descriptors = new JitDescriptors(binaries);
    }

    @Override
    public void found(Image image) {
        if (image.code().stream().allMatch(JitImages::isOfFile)) {
            return; // it makes no code
        }
        try (TargetCode memory = new TargetCode(image.pid())) {
            look(image, memory);
        }
    }

    private static boolean isOfFile(Mapping mapping) {
        return mapping.isFile() || mapping.isVdso() || mapping.path().startsWith("[vsyscall");
    }

    private void look(Image image, CodeMemory memory) {
        JitList list = new JitList(memory);
        List<Entry> entries = new ArrayList<>();
        for (Mapping mapping : image.code()) {
            long descriptor = mapping.isFile() ? descriptors.addressIn(image.pid(), mapping) : 0;
            List<Entry> read = descriptor == 0 ? List.of() : list.read(descriptor);
            if (read == null) {
                return; // what changes now is read when it is hit
            }
            entries.addAll(read);
        }
        describe(image, entries, memory);
    }

    /** What has been unregistered is not in the list any more. */
    private void describe(Image image, List<Entry> entries, CodeMemory memory) {
        List<Mapping> code = new ArrayList<>();
        long taken = 0;
        long room = MOST_BYTES;
        for (Entry entry : entries) {
            LoadedObject object = entry.bytes() > room ? null : read(entry, memory);
            if (object != null) {
                addCode(object, entry.image(), code);
                room -= entry.bytes();
                taken++;
            }
        }
        note(image, entries.size() - taken);
        List<Mapping> sorted = withoutOverlaps(code);
        if (!sorted.equals(image.described())) {
            image.describe(sorted);
        }
    }

    /** Null where it cannot be read, or is none. */
    private static @Nullable LoadedObject read(Entry entry, CodeMemory memory) {
        try {
            return entry.bytes() <= 0
                    ? null
                    : LoadedObject.read(memory, entry.image(), Math.min(entry.bytes(), LoadedObject.MOST_BYTES));
        } catch (IOException _) {
            return null;
        }
    }

    private static void addCode(LoadedObject object, long image, List<Mapping> code) {
        for (LoadedObject.Code part : object.code()) {
            long end = part.address() + part.size();
            code.add(Mapping.made(part.address(), end, part.imageOffset(), image, object.checksum()));
        }
    }

    private void note(Image image, long count) {
        if (count > 0) {
            notTaken.put(image.number(), count);
        } else {
            notTaken.remove(image.number());
        }
    }

    /** Images that could not be read, or were too many or too large, of processes as they were when they were looked at last. */
    public long notTaken() {
        return notTakenOfForgotten.get()
                + notTaken.values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public void forgotten(Image image) {
        Long count = notTaken.remove(image.number());
        notTakenOfForgotten.addAndGet(count == null ? 0 : count);
    }

    /** The newest counts. */
    private static List<Mapping> withoutOverlaps(List<Mapping> newestFirst) {
        List<Mapping> sorted = new ArrayList<>(newestFirst);
        sorted.sort(Comparator.comparingLong(Mapping::start)); // stable: the newest stays the first
        List<Mapping> kept = new ArrayList<>(sorted.size());
        for (Mapping mapping : sorted) {
            if (kept.isEmpty() || kept.getLast().end() <= mapping.start()) {
                kept.add(mapping);
            }
        }
        return List.copyOf(kept);
    }
}
