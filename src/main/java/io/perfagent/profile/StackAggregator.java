package io.perfagent.profile;

import io.perfagent.model.Descriptor;
import io.perfagent.model.Event;
import io.perfagent.model.Sample;
import io.perfagent.model.ThreadState;
import io.perfagent.model.WalkEnd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the weights of samples by thread and stack. Distinct stacks lie one behind the other in a single array of words that grows up to a
 * bound; an open-addressing table finds them. A sample seen before costs no memory. One thread at a time.
 *
 * <pre>
 *   record   pid:32 tid:32 │ guessed:1 end:7 kernel frames:8 user frames:16 process:32 │ last sample:32 thread name:32 │ count
 *            │ waker and gil:16 words beside the stack:16 descriptor:8 sure:1 state:8 │ waits, in 1,024ths │ kernel … │ user … │ words beside the stack
 *   table    hash:28 offset of the record + 1:36, 0 where free
 * </pre>
 */
public final class StackAggregator {
    /** A third of the heap, named stacks included; 512 MiB at most. */
    public static final int DEFAULT_MAX_WORDS =
            (int) Math.min(1 << 26, Runtime.getRuntime().maxMemory() / 3 / Long.BYTES);

    private static final long[] NO_TIMES = {};
    private static final int HEADER = 6;
    /** Of each stack, beside its record: its slots in the table as it grows, and what has its names at the end. */
    private static final int ELSEWHERE = 16;

    private static final int SHAPE = 1;
    private static final int NAME = 2;
    private static final int COUNT = 3;
    private static final int STATE = 4;
    private static final int WAITS = 5;
    private static final int STATE_MASK = 0xff;
    private static final int SURE = STATE_MASK + 1;
    private static final int DESCRIPTOR_SHIFT = 9;
    private static final double WAITS_UNIT = 1024;
    private static final ThreadState[] STATES = ThreadState.values();
    private static final long OFFSET_MASK = (1L << 36) - 1;

    private static final long LOW_HALF = 0xffff_ffffL;

    private final int maxWords;
    /** Null where nobody asks when samples were taken. */
    private final @Nullable SampleTimes times;

    private long[] words = new long[1 << 12];
    private int used;
    /** Words that the stacks take in all, at the end of a run. */
    private long cost;

    private long[] table = new long[1 << 10];
    private int stacks;
    private final Map<Event, Long> overflowed = new EnumMap<>(Event.class);
    private final List<String> threadNames = new ArrayList<>();
    private final Map<String, Integer> threadNameIndex = new HashMap<>();

    public StackAggregator() {
        this(DEFAULT_MAX_WORDS, false);
    }

    /** @param maxWords bound of the memory for stacks, words of 8 bytes; a stack takes 22 words, and one and a half a frame */
    public StackAggregator(int maxWords) {
        this(maxWords, false);
    }

    /**
     * The same.
     *
     * @param keepTimes whether to keep when each sample was taken, which takes four words more a sample
     */
    public StackAggregator(int maxWords, boolean keepTimes) {
        this.maxWords = maxWords;
        this.times = keepTimes ? new SampleTimes() : null;
    }

    /**
     * Adds a sample; one whose stack is new and finds no room is counted as overflowed instead.
     *
     * @param process tells processes apart that had the same PID
     */
    public void add(Sample sample, int process) {
        long shape = shape(sample, process);
        long[] beside = Beside.of(sample, this::nameIndex);
        long state = state(sample, beside);
        long hash = hash(sample, shape, state, beside);
        int slot = find(sample, shape, state, hash, beside);
        if (times != null && cost + SampleTimes.WORDS > maxWords) {
            overflowed.merge(sample.event(), 1L, Long::sum);
        } else if (table[slot] != 0) {
            words[offset(table[slot]) + COUNT] += sample.weight();
            words[offset(table[slot]) + WAITS] += waits(sample);
            keepTime(offset(table[slot]), sample);
        } else if (!reserve(HEADER + sample.kernel().length + sample.user().length + beside.length)) {
            overflowed.merge(sample.event(), 1L, Long::sum);
        } else {
            table[slot] = (hash & ~OFFSET_MASK) | (used + 1);
            append(sample, shape, state, beside);
            growTable();
        }
    }

    private void keepTime(int at, Sample sample) {
        if (times != null) {
            cost += SampleTimes.WORDS;
            long last = times.add(sample.timeNanos(), (int) (words[at + NAME] >>> 32));
            words[at + NAME] = (last << 32) | (words[at + NAME] & LOW_HALF);
        }
    }

    /** Distinct stacks. */
    public int stacks() {
        return stacks;
    }

    /** Samples of an event that were dropped because the bound was reached. */
    public long overflowed(Event event) {
        return overflowed.getOrDefault(event, 0L);
    }

    /** Hands over each stack once, in the order of their first samples. */
    public void forEach(Consumer<CountedStack> visitor) {
        forEach(_ -> true, visitor);
    }

    /** The same, for those processes only whose numbers are wanted. */
    public void forEach(IntPredicate wanted, Consumer<CountedStack> visitor) {
        for (int at = 0; at < used; at += size(at)) {
            if (wanted.test((int) words[at + SHAPE])) {
                visitor.accept(read(at));
            }
        }
    }

    private int size(int at) {
        return HEADER
                + kernelFrames(words[at + SHAPE])
                + userFrames(words[at + SHAPE])
                + Beside.words(words[at + STATE]);
    }

    private CountedStack read(int at) {
        int user = at + HEADER + kernelFrames(words[at + SHAPE]);
        int beside = user + userFrames(words[at + SHAPE]);
        return new CountedStack(
                (int) words[at + SHAPE],
                (int) (words[at] >>> 32),
                (int) words[at],
                threadNames.get((int) words[at + NAME]),
                Arrays.copyOfRange(words, at + HEADER, user),
                Arrays.copyOfRange(words, user, beside),
                WalkEnd.of((int) (words[at + SHAPE] >>> 56) & 0x7f),
                words[at + SHAPE] < 0,
                words[at + COUNT],
                STATES[(int) words[at + STATE] & STATE_MASK],
                Descriptor.of((int) words[at + STATE] >>> DESCRIPTOR_SHIFT & STATE_MASK),
                Math.round(words[at + WAITS] / WAITS_UNIT),
                Beside.gil(words[at + STATE], words, beside),
                Beside.waker(words[at + STATE], words, beside, threadNames::get),
                (words[at + STATE] & SURE) != 0,
                times == null ? NO_TIMES : times.of((int) (words[at + NAME] >>> 32)));
    }

    private static int kernelFrames(long shape) {
        return (int) (shape >>> 48) & 0xff;
    }

    private static int userFrames(long shape) {
        return (int) (shape >>> 32) & 0xffff;
    }

    private static long thread(Sample sample) {
        return ((long) sample.pid() << 32) | Integer.toUnsignedLong(sample.tid());
    }

    @SuppressWarnings("EnumOrdinal") // the ordinal is the kernel side's number
    private static long shape(Sample sample, int process) {
        return (sample.guessed() ? Long.MIN_VALUE : 0)
                | ((long) sample.end().ordinal() << 56)
                | ((long) sample.kernel().length << 48)
                | ((long) sample.user().length << 32)
                | Integer.toUnsignedLong(process);
    }

    @SuppressWarnings("EnumOrdinal") // within a run
    private static long state(Sample sample, long[] beside) {
        return Beside.head(sample, beside.length)
                | sample.away().state().ordinal()
                | (sample.sure() ? SURE : 0)
                | sample.away().descriptor().ordinal() << DESCRIPTOR_SHIFT;
    }

    private static long waits(Sample sample) {
        return Math.round(sample.waits() * WAITS_UNIT);
    }

    private static long hash(Sample sample, long shape, long state, long[] beside) {
        long hash = mix(0, thread(sample), shape, state);
        return mix(mix(mix(hash, sample.kernel()), sample.user()), beside);
    }

    private static long mix(long before, long... words) {
        long hash = before;
        for (long word : words) {
            hash = (hash ^ word) * 0x9e3779b97f4a7c15L;
            hash ^= hash >>> 29;
        }
        return hash;
    }

    /** The slot that holds the sample's stack, else the free one where it goes. */
    private int find(Sample sample, long shape, long state, long hash, long[] beside) {
        int mask = table.length - 1;
        int slot = (int) (hash >>> 36) & mask;
        while (table[slot] != 0 && !holds(table[slot], sample, shape, state, hash, beside)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private boolean holds(long entry, Sample sample, long shape, long state, long hash, long[] beside) {
        int at = offset(entry);
        return ((entry ^ hash) & ~OFFSET_MASK) == 0
                && words[at] == thread(sample)
                && words[at + SHAPE] == shape
                && words[at + STATE] == state
                && matches(at + HEADER, sample.kernel())
                && matches(at + HEADER + sample.kernel().length, sample.user())
                && matches(at + HEADER + sample.kernel().length + sample.user().length, beside);
    }

    private boolean matches(int at, long[] addresses) {
        return Arrays.equals(words, at, at + addresses.length, addresses, 0, addresses.length);
    }

    private static int offset(long entry) {
        return (int) ((entry & OFFSET_MASK) - 1);
    }

    private boolean reserve(int size) {
        int all = size + (size - HEADER + 1) / 2 + ELSEWHERE; // a list of names has half a word a frame
        if (all > maxWords - cost) {
            return false;
        }
        cost += all;
        if (used + size > words.length) {
            long doubled = Math.max(2L * words.length, used + size);
            words = Arrays.copyOf(words, (int) Math.min(doubled, maxWords));
        }
        return true;
    }

    private void append(Sample sample, long shape, long state, long[] beside) {
        words[used] = thread(sample);
        words[used + SHAPE] = shape;
        words[used + NAME] = nameIndex(sample.threadName());
        words[used + COUNT] = sample.weight();
        words[used + STATE] = state;
        words[used + WAITS] = waits(sample);
        keepTime(used, sample);
        used += HEADER;
        appendAll(sample.kernel());
        appendAll(sample.user());
        appendAll(beside);
        stacks++;
    }

    private void appendAll(long[] addresses) {
        System.arraycopy(addresses, 0, words, used, addresses.length);
        used += addresses.length;
    }

    private int nameIndex(String name) {
        return threadNameIndex.computeIfAbsent(name, added -> {
            threadNames.add(added);
            return threadNames.size() - 1;
        });
    }

    /** Keeps the table at most half full. The upper hash bits in an entry say where it goes in a table of up to 2^28 slots. */
    private void growTable() {
        if (stacks * 2 <= table.length) {
            return;
        }
        long[] larger = new long[table.length * 2];
        int mask = larger.length - 1;
        for (long entry : table) {
            int slot = (int) (entry >>> 36) & mask;
            while (entry != 0 && larger[slot] != 0) {
                slot = (slot + 1) & mask;
            }
            if (entry != 0) {
                larger[slot] = entry;
            }
        }
        table = larger;
    }
}
