package io.perfagent.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A thread and where it was.
 *
 * @param name its comm
 * @param call the system call that it was in; null where it was in none
 * @param source how the stack was read
 * @param frames leaf first, those of the kernel before those of the user; empty where there is none
 * @param end why there are no more
 * @param guessed as in {@link Sample}
 * @param python what came of reading the interpreter's frames
 */
public record ThreadStack(
        int tid,
        String name,
        Activity activity,
        @Nullable KernelCall call,
        StackSource source,
        List<Location> frames,
        WalkEnd end,
        boolean guessed,
        PythonFrames.End python) {
    private static final String TAKES_GIL = "take_gil";

    public ThreadStack {
        frames = List.copyOf(frames);
    }

    /** Whether it is in the function of CPython that waits for the GIL, as far as symbols tell. */
    public boolean waitsForGil() {
        return frames.stream()
                .anyMatch(frame -> frame.kind() == Location.Kind.NATIVE
                        && frame.innermost().function().equals(TAKES_GIL));
    }

    /** Whether it holds every frame of the user, for certain. */
    public boolean complete() {
        return source.reason().isEmpty() && end.complete() && !guessed && !python.lost();
    }
}
