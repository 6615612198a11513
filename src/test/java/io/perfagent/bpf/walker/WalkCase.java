package io.perfagent.bpf.walker;

/**
 * Something that the walker must do; run against the true walker and against faulty ones.
 *
 * @param name what it does
 * @param check throws where it does something else
 */
record WalkCase(String name, Check check) {
    interface Check {
        void on(HostWalker walker);
    }
}
