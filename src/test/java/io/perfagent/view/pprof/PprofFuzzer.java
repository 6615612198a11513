package io.perfagent.view.pprof;

import io.perfagent.bench.SyntheticProfile;
import io.perfagent.fuzz.Printable;
import io.perfagent.model.Call;
import io.perfagent.model.Format;
import io.perfagent.model.Location;
import io.perfagent.model.Measure;
import io.perfagent.model.StackCount;
import io.perfagent.output.Export;
import io.perfagent.output.ProfileFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/** Profiles, which anybody can have written. */
public final class PprofFuzzer {
    private static final int MOST_BYTES = 1 << 22;

    private PprofFuzzer() {}

    public static List<byte[]> seeds() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        new Export(Format.PPROF, ProfileFile.at(Path.of("none")), false).encode(SyntheticProfile.of(20, 60), packed);
        byte[] plain = new GZIPInputStream(new ByteArrayInputStream(packed.toByteArray())).readAllBytes();
        return List.of(plain, packed.toByteArray());
    }

    public static void fuzzerTestOneInput(byte[] input) {
        try {
            FileBytes bytes = FileBytes.read(new ByteArrayInputStream(input), input.length, MOST_BYTES);
            look(PprofFile.parse(bytes.bytes(), bytes.length(), 16L * MOST_BYTES));
        } catch (BadProfileException e) {
            if (e.getMessage().indexOf('\n') >= 0) {
                throw new AssertionError("a message of several lines", e);
            }
        } catch (IOException e) {
            throw new AssertionError("all that is wrong is said in our words", e);
        }
    }

    private static void look(PprofFile file) throws IOException {
        file.comments().forEach(Printable::expect);
        file.types().forEach(type -> Printable.expect(type.toString()));
        int type = Math.max(0, file.wantedType());
        var _ = file.start().plus(file.duration());
        int[] seen = new int[1];
        file.forEach((locations, depth, values) -> {
            seen[0]++;
            for (int at = 0; at < depth; at++) {
                expect(file.location(locations[at]));
            }
        });
        if (seen[0] != file.sampleCount()) {
            throw new AssertionError(seen[0] + " of " + file.sampleCount() + " samples");
        }
        for (int sample = 0; sample < seen[0]; sample++) {
            file.checkLabels(sample);
        }
        int[] samples = IntStream.range(0, Math.min(seen[0], 1 << 10)).toArray();
        for (StackCount stack : new SampleStacks(file, type, Measure.weight("cpu", "ns"), samples)) {
            Printable.expect(stack.threadName());
            stack.locations().forEach(PprofFuzzer::expect);
        }
    }

    private static void expect(Location location) {
        for (Call call : location.calls()) {
            Printable.expect(call.function());
            Printable.expect(call.file());
            if (call.function().isEmpty()) {
                throw new AssertionError("a function without any name");
            }
        }
    }
}
