package io.perfagent.push.series;

import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.output.PprofEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/**
 * A profile for pprof in as many files as a store's limits ask for; their sum is the whole.
 *
 * @param mostSamples of one file
 * @param mostBytes of one file before it is compressed
 * @param numbersBeside whether samples or waits are counted beside what is measured
 */
public record PprofParts(int mostSamples, int mostBytes, boolean numbersBeside) {
    /** The least of what stores take by default: Pyroscope's 16,000 samples, 4 MiB. */
    public static final int MOST_SAMPLES = 16_000;

    public static final int MOST_BYTES = 4 << 20;

    /** The files, compressed. One stack that is larger than the limit is a file of its own. */
    public List<byte[]> of(Profile profile) throws IOException {
        List<byte[]> files = new ArrayList<>();
        for (int from = 0; from < profile.stacks().size(); from += mostSamples) {
            int to = Math.min(profile.stacks().size(), from + mostSamples);
            add(profile, profile.stacks().subList(from, to), files);
        }
        return files;
    }

    private void add(Profile profile, List<StackCount> stacks, List<byte[]> files) throws IOException {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        PprofEncoder.writePlain(Series.part(profile, stacks), numbersBeside, plain);
        if (plain.size() <= mostBytes || stacks.size() == 1) {
            files.add(compressed(plain));
        } else {
            int half = stacks.size() / 2;
            add(profile, stacks.subList(0, half), files);
            add(profile, stacks.subList(half, stacks.size()), files);
        }
    }

    private static byte[] compressed(ByteArrayOutputStream plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            plain.writeTo(out);
        }
        return bytes.toByteArray();
    }
}
