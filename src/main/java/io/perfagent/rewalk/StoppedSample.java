package io.perfagent.rewalk;

import io.perfagent.bpf.abi.StoppedWalk;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.Sample;
import io.perfagent.process.Image;
import io.perfagent.rewalk.x86_64.Walked;
import java.util.Arrays;

/**
 * A sample whose walk stopped in the kernel, where the code was not known yet.
 *
 * @param sample as the kernel side gave it
 * @param image what ran
 * @param walk what it takes to go on
 */
public record StoppedSample(Sample sample, Image image, StoppedWalk walk) {
    /** Frames below the one that the walk stopped at. */
    int framesBelow() {
        return sample.user().length - 1;
    }

    /** The sample with the frames that a walk from there found. */
    Sample with(Walked walked) {
        long[] user = Arrays.copyOf(sample.user(), framesBelow() + walked.frames().length);
        System.arraycopy(walked.frames(), 0, user, framesBelow(), walked.frames().length);
        PythonFrames python = sample.python().placed((_, local) -> {
            int frame = local == 0 ? -1 : walked.frameAround(local);
            return frame < 0 ? -1 : framesBelow() + frame;
        });
        return sample.with(user, python, walked.end(), sample.guessed() || walked.unsure());
    }
}
