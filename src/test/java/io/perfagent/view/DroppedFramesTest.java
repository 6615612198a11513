package io.perfagent.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.model.CannotStartException;
import io.perfagent.output.proto.ProfileProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Functions that a profile wants left out, as {@code go tool pprof} leaves them out. */
class DroppedFramesTest {
    /** Innermost first; a slash parts what is inlined. */
    private static final List<String> STACKS = List.of(
            "malloc;operator new(unsigned long);main;start",
            "leaf;malloc;do_alloc(int);main;start",
            "inlined/malloc/caller;main;start",
            "malloc/wrapper;leaf/main;start",
            "malloc;malloc;malloc",
            "leaf;main;malloc",
            "(anonymous namespace)::alloc(int);main;start",
            "leaf;start");

    @TempDir
    Path directory;

    private final ProfileProto.Profile.Builder profile = ProfileProto.Profile.newBuilder()
            .addAllStringTable(List.of("", "space", "bytes"))
            .addSampleType(ProfileProto.ValueType.newBuilder().setType(1).setUnit(2));

    private Path file(String drop, String keep) throws Exception {
        int value = 1;
        for (String stack : STACKS) {
            ProfileProto.Sample.Builder sample =
                    ProfileProto.Sample.newBuilder().addValue(value);
            for (String location : stack.split(";", -1)) {
                sample.addLocationId(location(location));
            }
            profile.addSample(sample);
            value *= 2;
        }
        profile.setDropFrames(string(drop)).setKeepFrames(string(keep));
        return Files.write(directory.resolve("dropped.pb"), profile.build().toByteArray());
    }

    private long location(String lines) {
        ProfileProto.Location.Builder location = ProfileProto.Location.newBuilder()
                .setId(profile.getLocationCount() + 1L)
                .setAddress(profile.getLocationCount() + 1L);
        for (String name : lines.split("/", -1)) {
            profile.addFunction(ProfileProto.Function.newBuilder()
                    .setId(profile.getFunctionCount() + 1L)
                    .setName(string(name))
                    .setSystemName(string("_" + name)));
            location.addLine(ProfileProto.Line.newBuilder().setFunctionId(profile.getFunctionCount()));
        }
        profile.addLocation(location);
        return profile.getLocationCount();
    }

    private int string(String text) {
        int at = profile.getStringTableList().indexOf(text);
        if (at < 0) {
            profile.addStringTable(text);
            return profile.getStringTableCount() - 1;
        }
        return at;
    }

    private static Tally tally(Path file) throws CannotStartException {
        OpenedProfile profile = OpenedProfile.open(file.toString(), null);
        return OpenedProfile.of(file.toString(), () -> Tally.of(profile, ViewOracleTest.ALL, new Rows(Grain.FUNCTION)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', textBlock = """
            malloc                                    > ''
            malloc|operator new|do_alloc              > ''
            malloc|operator new                       > operator new
            mall                                      > ''
            .*alloc                                   > malloc
            \\(anonymous namespace\\)::alloc          > ''
            caller                                    > ''
            wrapper                                   > ''
            main                                      > ''
            start                                     > ''
            .*                                        > ''
            """)
    void asPprofDoes(String drop, String keep) throws Exception {
        Path file = file(drop, keep);
        List<PprofTop> theirs = PprofTop.of(file, "B").stream()
                .filter(row -> row.self() != 0 || row.total() != 0)
                .toList();
        assertThat(PprofTop.of(tally(file))).isNotEmpty().hasSameElementsAs(theirs);
    }

    @Test
    void expressionsThatWouldTakeForEver() throws Exception {
        Path slow = file("(.*)(.*)(.*)(.*)(.*)z", "");
        profile.setStringTable(string("leaf"), "a".repeat(2000));
        Path file = Files.write(slow, profile.build().toByteArray());
        assertThatThrownBy(() -> tally(file))
                .hasMessageContaining("the functions that it wants left out take too long to be found");
        Path broken =
                Files.write(slow, profile.setDropFrames(string("(((")).build().toByteArray());
        assertThatThrownBy(() -> tally(broken)).hasMessageContaining("are no regular expression");
    }
}
