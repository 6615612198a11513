package io.perfagent.dump;

import io.perfagent.bpf.BpfIterator;
import io.perfagent.bpf.abi.ThreadRecord;
import io.perfagent.bpf.abi.ThreadRecord.ThreadId;
import io.perfagent.linux.LinuxException;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** The threads of the targets, as the kernel has them whenever it is asked. */
public final class ThreadList {
    private final BpfIterator kernel;

    public ThreadList(BpfIterator kernel) {
        this.kernel = kernel;
    }

    /** Each of them now, those of a process behind each other. */
    public SequencedMap<ThreadId, ThreadRecord> now() throws LinuxException {
        SequencedMap<ThreadId, ThreadRecord> threads = new LinkedHashMap<>();
        kernel.read(ThreadRecord.LAYOUT.byteSize(), record -> {
            ThreadRecord thread = ThreadRecord.decode(record);
            threads.put(thread.id(), thread);
        });
        return threads;
    }
}
