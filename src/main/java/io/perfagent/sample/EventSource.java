package io.perfagent.sample;

import io.perfagent.bpf.BpfObject;
import java.io.IOException;

/** What has the kernel take samples: a program of the object, and what runs it. */
public interface EventSource {
    /** Samples that a busy CPU makes a second, at most or about. */
    int rate();

    /** From now on samples are taken, until the object is detached. */
    void attach(BpfObject object) throws IOException;
}
