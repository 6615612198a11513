package io.perfagent.api;

import io.perfagent.agent.FinishedProfile;
import io.perfagent.model.Format;
import io.perfagent.model.Profile;
import io.perfagent.output.Encoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** The samples of an interval that are of one event. It holds them until it is garbage; any thread. */
public final class EventProfile {
    private final FinishedProfile finished;

    EventProfile(FinishedProfile finished) {
        this.finished = finished;
    }

    /** {@code on-cpu}, {@code off-cpu} or {@code wall}. */
    public String event() {
        return finished.label();
    }

    /** Samples in the profile; waits that were recorded, of {@code off-cpu}. */
    public long samples() {
        return finished.samples();
    }

    /** Of these, those whose user stack reaches the function that the thread began in. */
    public long completeSamples() {
        return finished.complete();
    }

    /** Samples of the process that the run is in, which are in no profile. */
    public long ownSamples() {
        return finished.own();
    }

    /** Samples of processes that the run's PID namespace does not see, which are in no profile either. */
    public long outsideSamples() {
        return finished.outside();
    }

    /** Samples that were taken and are in no profile, by cause: those of the metric {@code perf_agent_lost_samples_total}; causes that are 0 are there. */
    public Map<String, Long> losses() {
        return finished.losses();
    }

    /** What is said of the profile, in sentences: version, labels, losses, cut stacks and unnamed frames by cause, what sampling cost. */
    public List<String> comments() {
        return profile().comments();
    }

    /**
     * The profile as pprof reads it: gzip over {@code profile.proto}. Sample types are {@code samples/count} and {@code cpu/nanoseconds},
     * {@code waits/count} and {@code off_cpu/nanoseconds}, or {@code samples/count} and {@code wall/nanoseconds}; labels among others
     * {@code pid}, {@code tid} and {@code comm}. Each call encodes it anew.
     */
    public byte[] pprof() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writePprof(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory refuses nothing
        }
        return bytes.toByteArray();
    }

    /** Writes the same to a stream, and leaves that open. */
    public void writePprof(OutputStream out) throws IOException {
        Encoder.of(Format.PPROF).write(profile(), out);
    }

    /** The same as records, for this module's own commands: nobody else can name the type. */
    @SuppressWarnings("exports")
    public Profile profile() {
        return finished.profile();
    }
}
