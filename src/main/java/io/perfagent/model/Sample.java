package io.perfagent.model;

/**
 * One sample. Addresses are runtime addresses inside the instruction that runs or calls, leaf first.
 *
 * @param event what it is of
 * @param weight how much it stands for, in the event's unit
 * @param timeNanos CLOCK_MONOTONIC
 * @param pid process, in our PID namespace
 * @param tid thread, likewise
 * @param threadName the thread's comm, as UTF-8; what is none is replaced
 * @param kernel kernel addresses, empty where the sample hit user mode
 * @param user user addresses; once {@link #merged} also words of CPython's frames
 * @param python CPython's frames
 * @param end why the walk of the user stack ended
 * @param guessed whether frames may be missing in between: some were left by a guess that nothing has checked
 * @param away what the thread did off the CPU, where that is what the sample is of
 * @param gil what it had to do with CPython's lock
 * @param waking what ended the wait; or, of a thread that ended those of others, the number of that
 */
@SuppressWarnings("ArrayRecordComponent") // the pipeline's unit: one per sample, never compared
public record Sample(
        Event event,
        long weight,
        long timeNanos,
        int pid,
        int tid,
        String threadName,
        long[] kernel,
        long[] user,
        PythonFrames python,
        WalkEnd end,
        boolean guessed,
        Wait away,
        GilUse gil,
        Waking waking) {
    /** Of which nothing is known of CPython's lock. */
    public Sample(
            Event event,
            long weight,
            long timeNanos,
            int pid,
            int tid,
            String threadName,
            long[] kernel,
            long[] user,
            PythonFrames python,
            WalkEnd end,
            boolean guessed,
            Wait away) {
        this(
                event,
                weight,
                timeNanos,
                pid,
                tid,
                threadName,
                kernel,
                user,
                python,
                end,
                guessed,
                away,
                GilUse.NONE,
                Waking.NONE);
    }

    /** Of a thread that runs. */
    public Sample(
            Event event,
            long weight,
            long timeNanos,
            int pid,
            int tid,
            String threadName,
            long[] kernel,
            long[] user,
            PythonFrames python,
            WalkEnd end,
            boolean guessed) {
        this(event, weight, timeNanos, pid, tid, threadName, kernel, user, python, end, guessed, Wait.NONE);
    }

    /** With CPython's frames where they belong in the stack. */
    public Sample merged() {
        return python.words().length == 0 ? this : with(python.in(user), PythonFrames.NONE, end, guessed);
    }

    /** The same sample with CPython's frames in other places. */
    public Sample with(PythonFrames frames) {
        return with(user, frames, end, guessed);
    }

    /** The same sample with another stack. */
    public Sample with(long[] stack, PythonFrames frames, WalkEnd reason, boolean unsure) {
        return new Sample(
                event,
                weight,
                timeNanos,
                pid,
                tid,
                threadName,
                kernel,
                stack,
                frames,
                reason,
                unsure,
                away,
                gil,
                waking);
    }

    /** The same sample, of time off the CPU. */
    public Sample with(Wait other, long itsWeight, GilUse use) {
        return new Sample(
                event,
                itsWeight,
                timeNanos,
                pid,
                tid,
                threadName,
                kernel,
                user,
                python,
                end,
                guessed,
                other,
                use,
                waking);
    }

    /** The same sample, once it is known what ended the wait. */
    public Sample with(Waking found) {
        return new Sample(
                event, weight, timeNanos, pid, tid, threadName, kernel, user, python, end, guessed, away, gil, found);
    }

    /** Whether it is of a thread that ended waits of others, and stands for no time. */
    public boolean wakes() {
        return weight == 0 && waking.number() != 0;
    }

    /** Whether it stands for time of its thread's that is known; else for a part of what that has spent in the same way. */
    public boolean sure() {
        return event == Event.WALL && away.sure();
    }

    /** How many waits it stands for: short ones stand for others that were not recorded. Of the wall clock it counts itself. */
    public double waits() {
        if (event == Event.WALL) {
            return 1;
        }
        return away.nanos() == Wait.END ? 0 : (double) weight / away.nanos();
    }
}
