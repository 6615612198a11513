package io.perfagent.safety;

/** Switches a target on and off without pause, until this is closed; outcomes go on the trial's sheet. */
final class Switching implements AutoCloseable {
    private final Thread thread;
    private volatile boolean ending;

    Switching(Trial trial, int pid) {
        thread = Thread.ofPlatform().name("switching").start(() -> {
            while (!ending) {
                trial.activate(pid);
                trial.deactivate(pid);
            }
        });
    }

    @Override
    public void close() {
        ending = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
