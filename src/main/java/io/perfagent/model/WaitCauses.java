package io.perfagent.model;

import java.util.List;

/** Says what a thread did off the CPU, as far as it is certain. */
public interface WaitCauses {
    /** Of a run that is not asked. */
    WaitCauses UNKNOWN = new WaitCauses() {
        @Override
        public ThreadState of(Activity activity, int call, long argument) {
            return ThreadState.OTHER;
        }

        @Override
        public Descriptor descriptor(int call, Descriptor argument) {
            return Descriptor.NONE;
        }

        @Override
        public ThreadState refined(ThreadState state, List<Location> stack) {
            return state;
        }
    };

    /**
     * By what the kernel knows of the thread.
     *
     * @param activity as the scheduler has it
     * @param call number of the system call that it is in; −1: in none
     * @param argument the first one of that
     */
    ThreadState of(Activity activity, int call, long argument);

    /**
     * On what a thread waits.
     *
     * @param call number of the system call that it is in; −1: in none
     * @param argument what its first argument stands for, were that a descriptor; of a poll, what the only one does that it is for
     */
    Descriptor descriptor(int call, Descriptor argument);

    /** What a thread did, once it is known where the thread was, innermost first. */
    ThreadState refined(ThreadState state, List<Location> stack);
}
