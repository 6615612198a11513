package io.perfagent.process;

import io.perfagent.model.Mapping;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a process runs from its fork, or from an exec, up to the next exec or its end: one address space. A PID and a time name one, a
 * PID alone does not.
 *
 * <pre>
 *   PID 42   ──── image 1 ────┼─ image 2 (fork) ─┼──── image 3 (exec) ────┤ ended      time →
 * </pre>
 */
public final class Image {
    /** A copy of a copy of …: names of code that an ancestor has made are looked for so far up, and no further. */
    private static final int MOST_ANCESTORS = 8;

    private final int number;
    private final int pid;
    private final long sinceNanos;
    private final @Nullable Image forkedFrom;
    private final int ancestors;
    private volatile @Nullable Image before;
    private volatile List<Mapping> code = List.of();
    /** As the kernel has it; {@link #code} has what is made over it. Of the thread that writes, as the next one. */
    private List<Mapping> mapped = List.of();

    private List<Mapping> made = List.of();
    private volatile long endNanos = Long.MAX_VALUE;
    private volatile boolean sampled;
    private boolean firstThreadGone;
    private volatile boolean unread;
    private volatile long readNanos = Long.MIN_VALUE;
    /** Whose mappings it has, for they had not been read when it was copied; null once it has its own. */
    private volatile @Nullable Image copyOf;

    private Image(int number, int pid, long sinceNanos, @Nullable Image forkedFrom) {
        this.number = number;
        this.pid = pid;
        this.sinceNanos = sinceNanos;
        this.forkedFrom = forkedFrom;
        this.ancestors = forkedFrom == null ? 0 : forkedFrom.ancestors + 1;
    }

    /** Of a process whose beginning was not seen: its mappings are to be read. */
    static Image found(int number, int pid) {
        Image image = new Image(number, pid, 0, null);
        image.unread = true;
        return image;
    }

    /** A copy of {@code parent}, null where that is not known. */
    static Image forked(int number, int pid, long timeNanos, @Nullable Image parent) {
        Image near = parent == null || parent.ancestors >= MOST_ANCESTORS ? null : parent;
        Image image = new Image(number, pid, timeNanos, near);
        image.mapped = parent == null ? List.of() : parent.mapped();
        image.made = parent == null ? List.of() : parent.made;
        image.code = parent == null ? List.of() : parent.code();
        image.unread = parent == null || parent.unread();
        image.copyOf = image.unread ? near : null;
        return image;
    }

    /** A program that has just been executed; its mappings come behind. */
    static Image executed(int number, int pid, long timeNanos) {
        return new Image(number, pid, timeNanos, null);
    }

    /** Unique in this run, above 0. */
    public int number() {
        return number;
    }

    /** In our PID namespace. */
    public int pid() {
        return pid;
    }

    /** CLOCK_MONOTONIC of the fork or exec; 0 where that was not seen, for the process is older than the run. */
    public long sinceNanos() {
        return sinceNanos;
    }

    /** Whose copy it is, where that was seen. */
    public @Nullable Image forkedFrom() {
        return forkedFrom;
    }

    /** The mappings that code may run in: sorted, none over another. */
    public List<Mapping> code() {
        Image original = copyOf;
        return original == null || original.unread() ? code : original.code();
    }

    /** Whether it was replaced by an exec, or its process has ended. */
    public boolean ended() {
        return endNanos != Long.MAX_VALUE;
    }

    /** Whether the mappings must be read, since not all events that made them were seen. */
    public boolean unread() {
        Image original = copyOf;
        return original == null ? unread : original.unread();
    }

    /** Whether a sample hit it. */
    public boolean sampled() {
        return sampled;
    }

    /** CLOCK_MONOTONIC of when its mappings were read last, before that; lowest where they never were. */
    public long readNanos() {
        return readNanos;
    }

    /**
     * The mappings, as {@code /proc/<pid>/maps} lists them.
     *
     * @param nanos CLOCK_MONOTONIC, from before that was read
     */
    void read(List<Mapping> mappings, long nanos) {
        readNanos = nanos;
        mapped = CodeLayout.of(mappings);
        code = CodeLayout.withMade(mapped, made);
        unread = false;
        copyOf = null;
    }

    void map(Mapping mapping) {
        boolean known = !unread();
        mapped = CodeLayout.with(mapped(), mapping);
        code = CodeLayout.withMade(mapped, made);
        unread = !known;
        copyOf = null;
    }

    private List<Mapping> mapped() {
        Image original = copyOf;
        return original == null || original.unread() ? mapped : original.mapped();
    }

    /** Likewise: what it was told last to have made. */
    public List<Mapping> described() {
        return made;
    }

    /** What it has made and describes by ELF images in its memory: sorted, none over another. For the thread that hands events over. */
    public void describe(List<Mapping> images) {
        boolean known = !unread();
        made = images;
        mapped = mapped();
        code = CodeLayout.withMade(mapped, made);
        unread = !known;
        copyOf = null;
    }

    void forgetMappings() {
        unread = true;
        copyOf = null;
    }

    void end(long timeNanos) {
        endNanos = timeNanos;
    }

    /** CLOCK_MONOTONIC; far in the future while it runs. */
    public long endNanos() {
        return endNanos;
    }

    /** Returns whether this was the first. */
    boolean sample() {
        boolean first = !sampled;
        sampled = true;
        return first;
    }

    @Nullable
    Image before() {
        return before;
    }

    void follow(@Nullable Image older) {
        before = older;
    }

    boolean firstThreadGone() {
        return firstThreadGone;
    }

    void loseFirstThread() {
        firstThreadGone = true;
    }
}
