package io.perfagent.view.pprof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.model.Location;
import io.perfagent.output.proto.ProfileProto;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that are no profiles, and profiles that are not as they should be. */
class HostileProfileTest {
    private static final long HEAP = 256L << 20;

    /** One sample of one function at one address. */
    private static ProfileProto.Profile.Builder small() {
        return ProfileProto.Profile.newBuilder()
                .addAllStringTable(List.of("", "cpu", "nanoseconds", "main", "/srv/app", "abc", "main.c"))
                .addSampleType(ProfileProto.ValueType.newBuilder().setType(1).setUnit(2))
                .addMapping(ProfileProto.Mapping.newBuilder()
                        .setId(1)
                        .setMemoryStart(0x1000)
                        .setMemoryLimit(0x2000)
                        .setFileOffset(0x100)
                        .setFilename(4)
                        .setBuildId(5))
                .addFunction(
                        ProfileProto.Function.newBuilder().setId(1).setName(3).setFilename(6))
                .addLocation(ProfileProto.Location.newBuilder()
                        .setId(1)
                        .setMappingId(1)
                        .setAddress(0x1234)
                        .addLine(ProfileProto.Line.newBuilder().setFunctionId(1).setLine(9)))
                .addSample(ProfileProto.Sample.newBuilder().addLocationId(1).addValue(10));
    }

    private static PprofFile parsed(ProfileProto.Profile.Builder profile) throws IOException {
        byte[] bytes = profile.build().toByteArray();
        return PprofFile.parse(bytes, bytes.length, HEAP);
    }

    private static List<String> shown(PprofFile file) throws IOException {
        List<String> shown = new ArrayList<>();
        file.forEach((locations, depth, values) -> {
            List<String> names = new ArrayList<>();
            for (int at = 0; at < depth; at++) {
                Location location = file.location(locations[at]);
                location.calls().forEach(call -> names.add(call.function()));
            }
            shown.add(String.join(";", names) + " " + values[0]);
        });
        return shown;
    }

    private static void refused(String why, Consumer<ProfileProto.Profile.Builder> change) {
        ProfileProto.Profile.Builder profile = small();
        change.accept(profile);
        assertThatThrownBy(() -> shown(parsed(profile)))
                .isInstanceOf(BadProfileException.class)
                .hasMessage("it is damaged: " + why + "; fetch or write it again");
    }

    @Test
    void whatIsRight() throws Exception {
        assertThat(shown(parsed(small()))).containsExactly("main 10");
    }

    @Test
    void idsAndIndicesThatLeadNowhere() {
        refused("a location has no id", p -> p.getLocationBuilder(0).setId(0));
        refused("a function has no id", p -> p.getFunctionBuilder(0).setId(0));
        refused("a mapping has no id", p -> p.getMappingBuilder(0).setId(0));
        refused("two locations have the id 1", p -> p.addLocation(p.getLocation(0)));
        refused("two functions have the id 1", p -> p.addFunction(p.getFunction(0)));
        refused(
                "two mappings have the id 18446744073709551615",
                p -> p.addMapping(ProfileProto.Mapping.newBuilder().setId(-1))
                        .addMapping(ProfileProto.Mapping.newBuilder().setId(-1)));
        refused(
                "a sample has location 7, which is missing",
                p -> p.getSampleBuilder(0).addLocationId(7));
        refused("it names string 7 of 7", p -> p.getFunctionBuilder(0).setName(7));
        refused("it names string -1 of 7", p -> p.getFunctionBuilder(0).setFilename(Long.MIN_VALUE));
        refused("it names string 99 of 7", p -> p.getMappingBuilder(0).setBuildId(99));
        refused("it names string 99 of 7", p -> p.getSampleTypeBuilder(0).setUnit(99));
        refused("it names string 99 of 7", p -> p.addComment(99));
        refused("a sample has 2 values of 1 types", p -> p.getSampleBuilder(0).addValue(1));
        refused("a sample has 0 values of 1 types", p -> p.getSampleBuilder(0).clearValue());
    }

    /** As pprof has it, which takes such files. */
    @Test
    void whatIsMissingHasAPlaceNevertheless() throws Exception {
        ProfileProto.Profile.Builder addresses = small();
        addresses.getLocationBuilder(0).clearLine();
        assertThat(shown(parsed(addresses))).containsExactly("[app+0x334] 10");
        addresses.getLocationBuilder(0).setMappingId(0);
        assertThat(shown(parsed(addresses))).containsExactly("[0x1234] 10");
        addresses.getLocationBuilder(0).setAddress(0);
        assertThat(shown(parsed(addresses))).containsExactly("[unknown] 10");
        ProfileProto.Profile.Builder unknown = small();
        unknown.getLocationBuilder(0).setMappingId(77).getLineBuilder(0).setFunctionId(77);
        assertThat(shown(parsed(unknown))).containsExactly("[0x1234] 10");
    }

    @Test
    void inlinedLinesAreFunctionsOfTheirOwn() throws Exception {
        ProfileProto.Profile.Builder profile = small().addStringTable("inlined");
        profile.addFunction(ProfileProto.Function.newBuilder().setId(1L << 40).setName(7));
        profile.getLocationBuilder(0)
                .clearLine()
                .addLine(ProfileProto.Line.newBuilder().setFunctionId(1L << 40).setLine(-1))
                .addLine(ProfileProto.Line.newBuilder().setFunctionId(1).setLine(3));
        PprofFile file = parsed(profile);
        assertThat(shown(file)).containsExactly("inlined;main 10");
        assertThat(file.location(0).innermost().line()).isZero();
    }

    @Test
    void namesAreFitForATerminal() throws Exception {
        ProfileProto.Profile.Builder profile = small();
        profile.setStringTable(3, "\033[2Jevil\u202e\n");
        assertThat(shown(parsed(profile))).containsExactly("\ufffd[2Jevil\ufffd\ufffd 10");
    }

    @Test
    void fieldsThatAreNotKnownAreLeft() throws Exception {
        byte[] known = small().build().toByteArray();
        byte[] bytes = Arrays.copyOf(known, known.length + 4);
        bytes[known.length] = (byte) 0xf8; // field 127, a number
        bytes[known.length + 1] = 0x07;
        bytes[known.length + 2] = 5;
        assertThatThrownBy(() -> PprofFile.parse(bytes, bytes.length, HEAP)).hasMessageContaining("damaged"); // field 0
        assertThat(shown(PprofFile.parse(bytes, bytes.length - 1, HEAP))).containsExactly("main 10");
    }

    /** Wherever it is cut off, it is said to be damaged, or what was there is shown. */
    @Test
    void cutOff() {
        byte[] whole = small().build().toByteArray();
        int refused = 0;
        for (int length = 0; length < whole.length; length++) {
            try {
                List<String> _ = shown(PprofFile.parse(whole, length, HEAP));
            } catch (IOException e) {
                assertThat(e).isInstanceOf(BadProfileException.class);
                assertThat(e.getMessage()).doesNotContain("\n").isNotBlank();
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(whole.length / 2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            hello                | it is text, and no profile of pprof's: give the .pb.gz that it was made of (of Go's net/http/pprof the one without debug=)
            main;f 3             | it is text, and no profile of pprof's: give the .pb.gz that it was made of (of Go's net/http/pprof the one without debug=)
            PERFILE2xxxx         | it is a perf.data: perf report reads it
            {"a": 1}             | it is JSON, and no profile of pprof's: give the .pb.gz that it was made of, or open it in its own viewer
            <!DOCTYPE html>      | it is a page, which a browser shows: give the .pb.gz that it was made of
            PK\\3\\4             | it is a zip archive: unpack it first
            """)
    void otherFiles(String begin, String message) {
        byte[] bytes = begin.replace("\\3\\4", "\3\4").getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> PprofFile.parse(bytes, bytes.length, HEAP)).hasMessage(message);
    }

    @Test
    void emptyFiles() throws Exception {
        assertThatThrownBy(() -> PprofFile.read(new ByteArrayInputStream(new byte[0]), 0))
                .hasMessage("it is empty: was it written to its end?");
        assertThatThrownBy(() -> PprofFile.read(new ByteArrayInputStream(packed(new byte[0])), 0))
                .hasMessage("it is empty: was it written to its end?");
    }

    private static byte[] packed(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream packed = new GZIPOutputStream(out)) {
            packed.write(bytes);
        }
        return out.toByteArray();
    }

    @Test
    void packedFilesAreUnpackedUpToABound() throws Exception {
        byte[] bomb = packed(new byte[8 << 20]);
        assertThat(bomb.length).isLessThan(10_000);
        assertThatThrownBy(() -> FileBytes.read(new ByteArrayInputStream(bomb), 0, 4 << 20))
                .hasMessage(
                        "it is larger than the 4 MiB that there is room for, unpacked: take a profile of a shorter time");
        assertThat(FileBytes.read(new ByteArrayInputStream(bomb), Long.MAX_VALUE - 1, 16 << 20)
                        .length())
                .isEqualTo(8 << 20);
        byte[] cut = Arrays.copyOf(bomb, bomb.length / 2);
        assertThatThrownBy(() -> FileBytes.read(new ByteArrayInputStream(cut), 0, 16 << 20))
                .hasMessage("it is damaged: it ends within what gzip has packed; fetch or write it again");
        byte[] broken = bomb.clone();
        Arrays.fill(broken, 20, 400, (byte) 0xee);
        assertThatThrownBy(() -> FileBytes.read(new ByteArrayInputStream(broken), 0, 16 << 20))
                .isInstanceOf(BadProfileException.class)
                .hasMessageContaining("gzip cannot unpack it");
    }

    /** Several pieces of gzip one behind the other are one file. */
    @Test
    void severalPiecesOfGzip() throws Exception {
        byte[] whole = small().build().toByteArray();
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.write(packed(Arrays.copyOf(whole, 20)));
        both.write(packed(Arrays.copyOfRange(whole, 20, whole.length)));
        assertThat(shown(PprofFile.read(new ByteArrayInputStream(both.toByteArray()), 0)))
                .containsExactly("main 10");
    }

    /** Two bytes stand for an object of many. */
    @Test
    void manySmallThings() {
        byte[] locations = new byte[32 << 20];
        for (int at = 0; at < locations.length; at += 2) {
            locations[at] = ProfileProto.Profile.LOCATION_FIELD_NUMBER << 3 | 2;
        }
        assertThatThrownBy(() -> PprofFile.parse(locations, locations.length, HEAP))
                .hasMessage(
                        "it has more functions, addresses and samples than there is room for: take a profile of a shorter time");
        ProfileProto.Profile.Builder lines = small();
        lines.getLocationBuilder(0).clearLine();
        for (int line = 0; line < 1 << 20; line++) {
            lines.getLocationBuilder(0).addLine(ProfileProto.Line.getDefaultInstance());
        }
        byte[] bytes = lines.build().toByteArray();
        assertThatThrownBy(() -> PprofFile.parse(bytes, bytes.length, 16 << 20))
                .isInstanceOf(BadProfileException.class);
    }

    @Test
    void aStackOfMillions() {
        ProfileProto.Profile.Builder profile = small();
        for (int frame = 0; frame < 1 << 17; frame++) {
            profile.getSampleBuilder(0).addLocationId(1);
        }
        assertThatThrownBy(() -> shown(parsed(profile)))
                .hasMessage("it is damaged: a stack has more than 65536 frames; fetch or write it again");
    }
}
