package io.perfagent.push;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.Profile;
import io.perfagent.push.queue.DiskQueue;
import io.perfagent.push.request.Protocol;
import io.perfagent.push.series.ProcessLabels;
import io.perfagent.report.Log;
import io.perfagent.thread.Worker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Profiles on their way to one store:
 *
 * <pre>
 *   take ─▶ requests ─▶ files, the oldest dropped where there is no room ─▶ thread push-NAME ─▶ the store
 * </pre>
 *
 * A store that is down costs a file for each request, and no memory. What waits when the program ends is sent by the next one.
 */
public final class Pusher implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final PushTarget target;
    private final Protocol protocol;
    private final DiskQueue queue;
    private final Sender sender;
    private final Worker worker;

    private Pusher(PushTarget target, DiskQueue queue, Pauses pauses, Log log) {
        this.target = target;
        this.queue = queue;
        this.protocol = Protocols.of(target, new ProcessLabels(Host.name()));
        this.sender = new Sender(target, protocol, queue, pauses, log);
        this.worker = new Worker("push-" + target.store().label(), "sending profiles", sender::run);
    }

    /**
     * Begins with what is left from before.
     *
     * @param directory of all queues; each store has one below it
     * @param mostBytes of the files that wait for this one
     */
    public static Pusher start(PushTarget target, Path directory, long mostBytes, Pauses pauses, Log log)
            throws CannotStartException {
        Path own = directory.resolve(target.directoryName());
        try {
            Pusher pusher = new Pusher(target, DiskQueue.open(own, mostBytes), pauses, log);
            pusher.tellOfBefore(log);
            pusher.worker.start();
            return pusher;
        } catch (IOException e) {
            throw new CannotStartException(
                    "cannot keep what waits for " + target.label() + " in " + own + ": " + e.getMessage()
                            + "; name a --directory that may be written",
                    e);
        }
    }

    private void tellOfBefore(Log log) {
        PushCounts lost = counts();
        if (waiting() > 0 || !lost.nothingLost()) {
            log.line(
                    "push goes on with what an earlier run has left",
                    "to",
                    target.label(),
                    "waiting",
                    waiting(),
                    "unconfirmed",
                    lost.unconfirmed(),
                    "unwritten",
                    lost.unwritten(),
                    "dropped",
                    lost.dropped());
        }
    }

    /** Has a profile sent. Throws where the disk does not take it, or not all of its requests: what it does take is sent. */
    public void take(Profile profile) throws IOException {
        worker.check();
        IOException[] failure = {null};
        protocol.requests(profile, request -> {
            try {
                queue.add(request);
            } catch (IOException e) {
                failure[0] = e;
            }
        });
        if (failure[0] != null) {
            throw failure[0];
        }
    }

    public PushTarget target() {
        return target;
    }

    public PushCounts counts() {
        return sender.counts();
    }

    /** Profiles that wait or are being sent. */
    public long waiting() {
        return queue.profiles();
    }

    /** Bytes of files that wait. */
    public long waitingBytes() {
        return queue.bytes();
    }

    /** Why nothing can be sent at the moment; {@code ""} where it can. */
    public String trouble() {
        return sender.trouble();
    }

    /** Sends what can be sent within some seconds. Throws where its thread has failed. */
    @Override
    public void close() {
        sender.end(PATIENCE);
        boolean _ = worker.join(2 * PATIENCE.toMillis());
        try {
            queue.close();
        } catch (IOException _) {
            // a lock that ends with the process
        }
        worker.check();
    }
}
