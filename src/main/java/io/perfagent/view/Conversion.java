package io.perfagent.view;

import io.perfagent.model.Measure;
import io.perfagent.model.Profile;
import io.perfagent.model.RunAccount;
import io.perfagent.view.pprof.PprofFile;
import io.perfagent.view.pprof.SampleStacks;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** A profile that was read as one that can be written, with those of its samples that are looked at. */
final class Conversion {
    /** What writing a stack holds of it, where all are sorted first. */
    private static final int STACK_BYTES = 112;

    private static final int FRAME_BYTES = 4;
    /** The rest is for functions, and for what an encoder has beside the stacks. */
    private static final double SHARE_OF_HEAP = 0.6;

    private final OpenedProfile profile;
    private int[] samples = new int[1 << 10];
    private int count;
    private int read;
    private long bytes;

    private Conversion(OpenedProfile profile) {
        this.profile = profile;
    }

    /**
     * @param stacks those of the profile
     * @param profile to be written
     */
    record Converted(SampleStacks stacks, Profile profile) {}

    static Converted of(OpenedProfile profile, ViewRequest request) throws IOException {
        return new Conversion(profile).convert(request);
    }

    private Converted convert(ViewRequest request) throws IOException {
        PprofFile file = profile.file();
        Counting counting = new Counting(file, profile.type());
        StackFilter filter = new StackFilter(file, request.focus(), request.ignore(), false);
        file.forEach((locations, depth, values) -> {
            counting.add(values);
            long value = values[profile.type()];
            if (value != 0 && filter.apply(locations, depth) != StackFilter.LEFT_OUT) {
                add(depth, value);
            }
            read++;
        });
        Measure measure = Objects.requireNonNullElse(profile.waits(), counting.measure());
        SampleStacks stacks = new SampleStacks(file, profile.type(), measure, Arrays.copyOf(samples, count));
        return new Converted(
                stacks, new Profile(file.start(), 0, file.duration(), measure, stacks, file.comments(), account()));
    }

    private void add(int depth, long value) throws IOException {
        if (value < 0) {
            throw new IOException(
                    "it has negative values, as a difference of two profiles does, for which there is only the table:"
                            + " leave out -o, --tree and --wakers, or compare the two profiles by perf-agent diff");
        }
        bytes += STACK_BYTES + (long) depth * FRAME_BYTES;
        if (bytes + profile.file().bytes()
                > SHARE_OF_HEAP * Runtime.getRuntime().maxMemory()) {
            throw new IOException(
                    "it has more stacks than there is room for: leave out -o and --tree, or look at a part by --focus");
        }
        if (count == samples.length) {
            samples = Arrays.copyOf(samples, 2 * count);
        }
        profile.file().checkLabels(read);
        samples[count++] = read;
    }

    /** How the run went only its comments say. */
    private RunAccount account() {
        List<String> comments = profile.file().comments();
        String origin = profile.file().isOurs() ? comments.getFirst() : profile.fileName();
        return new RunAccount(List.of(origin), "", "", List.of(), List.of(), List.of());
    }
}
