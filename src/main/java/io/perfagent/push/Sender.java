package io.perfagent.push;

import io.perfagent.push.http.Endpoint;
import io.perfagent.push.http.Outcome;
import io.perfagent.push.queue.DiskQueue;
import io.perfagent.push.request.Protocol;
import io.perfagent.push.request.Request;
import io.perfagent.report.Log;
import io.perfagent.sink.SaidCauses;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Sends what waits in a queue, the oldest first, until it is told to end. For one thread, but for the counts. */
final class Sender {
    /** Of a request by which the store fails: it might be the store's own trouble. */
    private static final int MOST_TRIES = 5;

    private static final long LOOK_MILLIS = 200;

    private final PushTarget target;
    private final Protocol protocol;
    private final DiskQueue queue;
    private final Pauses pauses;
    private final Log log;
    private volatile PushCounts counts = PushCounts.NONE;
    private volatile String trouble = "";
    /** System.nanoTime when it gives up what waits; 0 while nobody wants it to end. */
    private volatile long deadline;

    private final SaidCauses causes = new SaidCauses();
    private boolean saidToWait;
    private int failures;
    private long suspect; // number of the request by which the store fails
    private int suspected; // how often

    Sender(PushTarget target, Protocol protocol, DiskQueue queue, Pauses pauses, Log log) {
        this.target = target;
        this.protocol = protocol;
        this.queue = queue;
        this.pauses = pauses;
        this.log = log;
    }

    /** Ends once nothing waits, something fails, or so long has passed. */
    void end(Duration patience) {
        deadline = Math.max(1, System.nanoTime() + patience.toNanos());
        queue.wake();
    }

    PushCounts counts() {
        return counts.with(queue.counts());
    }

    /** Why nothing can be sent at the moment; {@code ""} where it can. */
    String trouble() {
        return trouble;
    }

    /** The work of the thread. */
    void run() throws InterruptedException {
        while (true) {
            queue.await();
            try {
                DiskQueue.Queued first = queue.next();
                if (first != null) {
                    burst(first);
                }
            } catch (IOException e) {
                later(new Outcome.Later(new Outcome.Why("disk", "the files that wait: " + e), Duration.ZERO, false));
            }
            if (deadline != 0 && (failures > 0 || queue.profiles() == 0 || System.nanoTime() - deadline >= 0)) {
                return;
            }
        }
    }

    /** All that waits. */
    private void burst(DiskQueue.Queued first) throws IOException, InterruptedException {
        Endpoint endpoint;
        try {
            endpoint = Endpoint.open(target.base(), target.access(), protocol.headers());
        } catch (IOException e) {
            queue.putBack(first);
            Outcome.Why why = new Outcome.Why("authorities", String.valueOf(e.getMessage()));
            later(new Outcome.Later(why, Duration.ZERO, false));
            return;
        }
        try (endpoint) {
            for (DiskQueue.Queued queued = first; queued != null; queued = nextOf(queue)) {
                if (!settle(queued, endpoint.send(queued.request()))) {
                    return;
                }
            }
        }
    }

    private DiskQueue.@Nullable Queued nextOf(DiskQueue waiting) throws IOException {
        return deadline != 0 && System.nanoTime() - deadline >= 0 ? null : waiting.next();
    }

    /** Whether the next one may be sent at once. */
    private boolean settle(DiskQueue.Queued queued, Outcome outcome) throws InterruptedException {
        Request request = queued.request();
        switch (outcome) {
            case Outcome.Taken taken -> {
                int rejected = Math.min(request.profiles(), protocol.rejected(taken.answer()));
                counts = counts.plus(request.profiles() - rejected, rejected, 0);
                works();
            }
            case Outcome.Refused refused -> {
                counts = counts.plus(0, request.profiles(), 0);
                boolean _ = tell("push refused", refused.why());
            }
            case Outcome.Unconfirmed unconfirmed -> {
                counts = counts.plus(0, 0, request.profiles());
                boolean _ = tell("push unconfirmed", unconfirmed.why());
            }
            case Outcome.Later later
            when isHopeless(queued, later) -> {
                counts = counts.plus(0, request.profiles(), 0);
                boolean _ = tell("push refused", later.why());
            }
            case Outcome.Later later -> {
                queue.putBack(queued);
                later(later);
                return false;
            }
        }
        queue.done(queued);
        return true;
    }

    private boolean isHopeless(DiskQueue.Queued queued, Outcome.Later later) {
        if (!later.perhapsNever()) {
            return false;
        }
        suspected = suspect == queued.entry().number() ? suspected + 1 : 1;
        suspect = queued.entry().number();
        return suspected >= MOST_TRIES;
    }

    private void works() {
        if (saidToWait) {
            log.line("push works again", "to", target.label(), "waiting", queue.profiles());
        }
        saidToWait = false;
        trouble = "";
        failures = 0;
    }

    private void later(Outcome.Later later) throws InterruptedException {
        failures++;
        saidToWait |= tell("push waits", later.why());
        long until = System.nanoTime() + pauses.after(failures, later.pause()).toNanos();
        while (deadline == 0 && System.nanoTime() - until < 0) {
            Thread.sleep(Math.clamp((until - System.nanoTime()) / 1_000_000, 1, LOOK_MILLIS));
        }
    }

    /** Whether it was said. */
    private boolean tell(String what, Outcome.Why why) {
        trouble = why.text();
        boolean due = causes.isDue(what + why.cause(), System.nanoTime());
        if (due) {
            log.line(what, "to", target.label(), "reason", why.text());
        }
        return due;
    }
}
