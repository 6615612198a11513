package io.perfagent.view.pprof;

import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Descriptor;
import io.perfagent.model.GilHolder;
import io.perfagent.model.GilUse;
import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadActivity;
import io.perfagent.model.ThreadState;
import io.perfagent.model.Waker;
import io.perfagent.model.WalkEnd;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The labels of one sample, and what they and its frames say of a thread: the other way of what is written. */
final class StackLabels {
    private static final long[] NO_TIMES = {};

    private final PprofFile file;
    private final boolean withStates;
    private int pid;
    private int tid;
    private String thread = "";
    private String container = "";
    private String pod = "";
    private String cgroup = "";
    private WalkEnd end = WalkEnd.END_OF_STACK;
    private boolean guessed;
    private ThreadState state = ThreadState.RUNNING;
    private Descriptor descriptor = Descriptor.NONE;
    private int gilTid;
    private String gilHolder = "";
    private int wakerPid;
    private int wakerTid;
    private String waker = "";
    private boolean wokenByThread;

    /** @param withStates whether it is known that the labels of waits mean what they do in ours */
    StackLabels(PprofFile file, boolean withStates) {
        this.file = file;
        this.withStates = withStates;
    }

    /** False where there is no place for it. */
    boolean take(SampleRecord.Label label) throws IOException {
        String text = file.text(label.text());
        return ofThread(file.text(label.key()), text, label)
                || (withStates && ofWait(file.text(label.key()), text, label));
    }

    private boolean ofThread(String key, String text, SampleRecord.Label label) throws IOException {
        switch (key) {
            case "pid" -> pid = number(label);
            case "tid", "thread_id" -> tid = number(label);
            case "comm", "thread", "thread_name" -> thread = text;
            case "container_id" -> container = text;
            case "pod_uid" -> pod = text;
            case "cgroup" -> cgroup = text;
            case "cut" -> end = named(text, WalkEnd.values(), WalkEnd::description, WalkEnd.END_OF_STACK);
            case "guessed" -> guessed = true;
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean ofWait(String key, String text, SampleRecord.Label label) throws IOException {
        switch (key) {
            case "state" -> {
                state = named(text, ThreadState.values(), ThreadState::label, ThreadState.RUNNING);
                return state.label().equals(text);
            }
            case "descriptor" -> {
                descriptor = named(text, Descriptor.values(), Descriptor::label, Descriptor.NONE);
                return descriptor.label().equals(text);
            }
            case "gil_holder_tid" -> gilTid = number(label);
            case "gil_holder" -> gilHolder = text;
            case "waker_pid" -> wakerPid = number(label); // 0 of one outside the PID namespace
            case "waker_tid" -> wakerTid = number(label);
            case "waker_comm" -> {
                waker = text;
                wokenByThread = true;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private static <T> T named(String text, T[] all, Function<T, String> name, T otherwise) {
        return Arrays.stream(all)
                .filter(one -> name.apply(one).equals(text))
                .findFirst()
                .orElse(otherwise);
    }

    /** Some write numbers as text. */
    private int number(SampleRecord.Label label) throws IOException {
        String text = file.text(label.text());
        long number = text.matches("\\d{1,9}") ? Long.parseLong(text) : label.number();
        return number < 0 || number > Integer.MAX_VALUE ? 0 : (int) number;
    }

    /**
     * The sample.
     *
     * @param frames leaf first, behind those of who ended the wait, where they have been written so
     * @param waits how often it stands for
     */
    StackCount stack(List<Location> frames, long count, long waits) {
        int separator = separator(frames);
        return new StackCount(
                pid,
                tid,
                thread,
                new Cgroup(cgroup, container, pod),
                frames.subList(separator + 1, frames.size()),
                end,
                guessed,
                count,
                NO_TIMES,
                new ThreadActivity(state, waits, false, gilHolder(), waker(frames, separator), descriptor));
    }

    /** −1 where there is none: a running thread has waited for nobody. */
    private int separator(List<Location> frames) {
        for (int at = 0; at < frames.size() && state != ThreadState.RUNNING; at++) {
            if (Waker.isSeparator(frames.get(at))) {
                return at;
            }
        }
        return -1;
    }

    private @Nullable Waker waker(List<Location> frames, int separator) {
        if (separator < 0) {
            return null;
        }
        Waker.Kind kind = wokenByThread ? Waker.Kind.THREAD : Waker.separating(frames.get(separator));
        List<Location> locations = frames.subList(0, separator).reversed();
        return new Waker(kind, wakerPid, wakerTid, waker, locations);
    }

    private @Nullable GilHolder gilHolder() {
        if (gilTid == 0 && gilHolder.isEmpty()) {
            return null;
        }
        Location frame =
                gilHolder.isEmpty() ? null : new Location(Location.Kind.OTHER, 0, null, new Call(gilHolder, ""));
        return new GilHolder(GilUse.Holder.KNOWN, gilTid, frame);
    }
}
