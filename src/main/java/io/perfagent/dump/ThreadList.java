package io.perfagent.dump;

import io.perfagent.bpf.BpfIterator;
import io.perfagent.bpf.abi.ThreadRecord;
import io.perfagent.bpf.abi.ThreadRecord.ThreadId;
import io.perfagent.linux.LinuxException;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** The threads of the targets, as the kernel has them whenever it is asked. */
public final class ThreadList {
    /** What one takes in memory, bytes, and what all of them may, of which there are two lists at a time. */
    private static final int THREAD_BYTES = 1500;

    private static final long MOST = Runtime.getRuntime().maxMemory() / 8 / THREAD_BYTES;

    private final BpfIterator kernel;
    private long leftOut;

    public ThreadList(BpfIterator kernel) {
        this.kernel = kernel;
    }

    /** Each of them now, those of a process behind each other. */
    public SequencedMap<ThreadId, ThreadRecord> now() throws LinuxException {
        SequencedMap<ThreadId, ThreadRecord> threads = new LinkedHashMap<>();
        leftOut = 0;
        kernel.read(ThreadRecord.LAYOUT.byteSize(), record -> {
            if (threads.size() < MOST) {
                ThreadRecord thread = ThreadRecord.decode(record);
                threads.put(thread.id(), thread);
            } else {
                leftOut++;
            }
        });
        return threads;
    }

    /** How many more there were at the last look than there is memory for. */
    public long leftOut() {
        return leftOut;
    }
}
