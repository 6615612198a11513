package io.perfagent.python.inject;

import io.perfagent.linux.ProcessMemory;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Where no thread is met at a safe place, a running one is asked to start one that is:
 *
 * <pre>
 *   agent                                    running thread                     new thread
 *   write script
 *   stop it, write path and flag ──────────→ stopped
 *   send it into the routine, let it go ───→ sets its evaluation breaker
 *                                            at its next safe point: script ──→ sleeps for a second
 *   borrow the new thread ────────────────────────────────────────────────────→ takes the GIL, works, sleeps on, ends
 *   remove script
 * </pre>
 *
 * The stop is for the thread's state, which could be freed while it is written to, and for the breaker, which others set bits of.
 */
final class Invitation implements AutoCloseable {
    /** Between the moment that a thread has taken a request and that in which it has opened the script. */
    private static final long OPENING_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Entrance entrance;
    private final RemoteDebugging remote;
    private final InvitationScript script;
    private final int tid;
    private final long state;

    private Invitation(Entrance entrance, RemoteDebugging remote, InvitationScript script, int tid, long state) {
        this.entrance = entrance;
        this.remote = remote;
        this.script = script;
        this.tid = tid;
        this.state = state;
    }

    /** Null where no thread could be asked at this moment, or the interpreter takes no requests. */
    static @Nullable Invitation send(
            Interpreter interpreter,
            Architecture architecture,
            ProcessMemory memory,
            Entrance entrance,
            Threads threads)
            throws IOException, RefusedException {
        RemoteDebugging remote = RemoteDebugging.of(interpreter, architecture, memory);
        InvitationScript script = remote == null ? null : InvitationScript.write(interpreter.pid());
        if (remote == null || script == null) {
            return null;
        }
        Invitation sent = null;
        try {
            sent = send(remote, script, entrance, threads);
        } finally {
            if (sent == null) {
                script.remove();
                script.close();
            }
        }
        return sent;
    }

    private static @Nullable Invitation send(
            RemoteDebugging remote, InvitationScript script, Entrance entrance, Threads threads)
            throws IOException, RefusedException {
        for (int tid : threads.others()) {
            long state = remote.stateOf(tid);
            if (state != 0 && entrance.invite(tid, remote, state, threads.space(), script.pathInTarget())) {
                return new Invitation(entrance, remote, script, tid, state);
            }
        }
        return null;
    }

    /** A request that nobody has taken is taken back; where that is not possible the script stays, lest the target complain. */
    @Override
    public void close() throws IOException, RefusedException {
        try (script) {
            if (!remote.isRequested(state) || entrance.takeBack(tid, remote, state)) {
                LockSupport.parkNanos(OPENING_NANOS);
                script.remove();
            }
        }
    }
}
