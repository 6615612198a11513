package io.perfagent.python.inject;

/**
 * What becomes of a system call (seccomp(2), "The return value").
 *
 * @param data the lower 16 bits: for an error its number
 */
record SeccompAnswer(Action action, int data) {
    private static final int DATA = 0xffff;

    /** The most severe first, as among the filters of a thread the most severe answer is the one that holds. */
    enum Action {
        /** The filter looks at what is not known here. */
        OPEN,
        KILL_PROCESS,
        KILL_THREAD,
        TRAP,
        ERRNO,
        USER_NOTIF,
        /** Where nobody traces it: ENOSYS. */
        TRACE,
        LOG,
        ALLOW
    }

    static SeccompAnswer of(int value) {
        return new SeccompAnswer(action(value & ~DATA), value & DATA);
    }

    boolean allows() {
        return action.compareTo(Action.LOG) >= 0;
    }

    /** The call returns an error. One that returns error 0 is none: the caller takes for done what was not. */
    boolean fails() {
        return action == Action.TRACE || (action == Action.ERRNO && data != 0);
    }

    SeccompAnswer severer(SeccompAnswer other) {
        return other.action.compareTo(action) <= 0 ? other : this;
    }

    /** What a filter does with a call, as in "kills for openat". */
    String on(String call) {
        return switch (action) {
            case OPEN -> "decides on " + call + " by addresses or descriptors, which are not known beforehand";
            case KILL_PROCESS, KILL_THREAD -> "kills for " + call;
            case TRAP -> "answers " + call + " with SIGSYS";
            case ERRNO -> "answers " + call + " with error " + data;
            case USER_NOTIF -> "leaves " + call + " to a supervisor";
            case TRACE -> "answers " + call + " with ENOSYS";
            case LOG, ALLOW -> "allows " + call;
        };
    }

    /** The kernel takes what it does not know for the first of them. */
    private static Action action(int value) {
        return switch (value) {
            case 0x0000_0000 -> Action.KILL_THREAD;
            case 0x0003_0000 -> Action.TRAP;
            case 0x0005_0000 -> Action.ERRNO;
            case 0x7fc0_0000 -> Action.USER_NOTIF;
            case 0x7ff0_0000 -> Action.TRACE;
            case 0x7ffc_0000 -> Action.LOG;
            case 0x7fff_0000 -> Action.ALLOW;
            default -> Action.KILL_PROCESS;
        };
    }
}
