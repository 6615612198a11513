package io.perfagent.push;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.Profile;
import io.perfagent.push.http.Endpoint;
import io.perfagent.push.http.Outcome;
import io.perfagent.push.request.Protocol;
import io.perfagent.push.request.Request;
import io.perfagent.push.series.ProcessLabels;
import io.perfagent.report.Log;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * The profiles of a run that has ended, sent to stores while somebody waits: what a store does not take within half a minute it does not get, and the
 * files are there.
 */
public final class PushOnce {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<PushTarget> targets;
    private final Pauses pauses;
    private final Duration patience;
    private final ProcessLabels processes = new ProcessLabels(Host.name());
    private final Log log;

    /** @param pids processes whose names are looked at now, for they may have ended when their profile is sent */
    public PushOnce(List<PushTarget> targets, List<Integer> pids, Log log) {
        this(targets, pids, Pauses.USUAL, PATIENCE, log);
    }

    PushOnce(List<PushTarget> targets, List<Integer> pids, Pauses pauses, Duration patience, Log log) {
        this.targets = targets;
        this.pauses = pauses;
        this.patience = patience;
        this.log = log;
        if (!targets.isEmpty()) {
            processes.look(pids);
        }
    }

    /** Sends the profiles to each of the stores. Throws where one did not take all, after the others have been asked. */
    public void send(List<Profile> profiles) throws CannotStartException {
        CannotStartException failure = null;
        for (PushTarget target : targets) {
            try {
                send(target, profiles);
            } catch (IOException e) {
                CannotStartException told = new CannotStartException(
                        "not all was taken by " + target.label() + ": " + e.getMessage()
                                + "; what was measured is in the files that were written before",
                        e);
                failure = failure == null ? told : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void send(PushTarget target, List<Profile> profiles) throws IOException {
        Protocol protocol = Protocols.of(target, processes);
        long deadline = System.nanoTime() + patience.toNanos();
        int[] sent = {0};
        try (Endpoint endpoint = Endpoint.open(target.base(), target.access(), protocol.headers())) {
            for (Profile profile : profiles) {
                protocol.requests(profile, request -> {
                    send(endpoint, protocol, request, deadline);
                    sent[0] += request.profiles();
                });
            }
        }
        log.line("push sent", "to", target.label(), "profiles", sent[0]);
    }

    private void send(Endpoint endpoint, Protocol protocol, Request request, long deadline) throws IOException {
        for (int failures = 1; ; failures++) {
            switch (endpoint.send(request)) {
                case Outcome.Taken taken -> {
                    int rejected = protocol.rejected(taken.answer());
                    if (rejected > 0) {
                        throw new IOException(rejected + " of " + request.profiles() + " profiles were rejected");
                    }
                    return;
                }
                case Outcome.Refused refused ->
                    throw new IOException(refused.why().text());
                case Outcome.Unconfirmed unconfirmed ->
                    throw new IOException("the answer was lost, so that it is not known whether it was taken: "
                            + unconfirmed.why().text());
                case Outcome.Later later -> pause(failures, later, deadline);
            }
        }
    }

    private void pause(int failures, Outcome.Later later, long deadline) throws IOException {
        Duration pause = pauses.after(failures, later.pause());
        if (System.nanoTime() + pause.toNanos() - deadline >= 0) {
            throw new IOException(later.why().text());
        }
        try {
            Thread.sleep(pause);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted");
        }
    }
}
