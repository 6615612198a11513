package io.perfagent.agent;

import io.perfagent.bpf.abi.StoppedWalk;
import io.perfagent.model.Sample;
import io.perfagent.unwind.x86_64.Walked;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A sample whose walk stopped in the kernel, where the code was not known yet.
 *
 * @param sample as the kernel side gave it
 * @param block memory that the copy lies in
 * @param bytes of the copy
 */
record StoppedSample(Sample sample, MemorySegment block, long bytes) {
    StoppedWalk walk() {
        return new StoppedWalk(block.asSlice(0, bytes));
    }

    /** Frames below the one that the walk stopped at. */
    int framesBelow() {
        return sample.user().length - 1;
    }

    /** The sample with the frames that a walk from there found. */
    Sample with(Walked walked) {
        long[] user = Arrays.copyOf(sample.user(), framesBelow() + walked.frames().length);
        System.arraycopy(walked.frames(), 0, user, framesBelow(), walked.frames().length);
        return new Sample(
                sample.timeNanos(),
                sample.pid(),
                sample.tid(),
                sample.threadName(),
                sample.kernel(),
                user,
                walked.end(),
                sample.walkNanos());
    }
}
