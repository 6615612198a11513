package io.perfagent.view.pprof;

import com.google.protobuf.InvalidProtocolBufferException;
import io.perfagent.model.Location;
import io.perfagent.output.proto.ProfileProto;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A profile as pprof has it, in memory: its bytes, and what is found in them. Samples are read anew each time they are asked for.
 *
 * <p>Whoever writes such files is not trusted: what is refused is what pprof itself refuses, and what there is no room for.
 */
public final class PprofFile {
    private final byte[] bytes;
    private final Header header = new Header();
    private final Strings strings;
    private final Places places;
    private final List<SampleType> types = new ArrayList<>();
    private final List<String> comments = new ArrayList<>();
    private int[] samples = new int[1 << 10]; // where each begins, and where it ends
    private int sampleCount;
    private final SampleRecord checked = new SampleRecord();

    /** Takes a sample; all but the values is in memory that is used again. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * @param locations indices, leaf first
         * @param depth how many of these there are
         * @param values as many as there are types
         */
        void visit(int[] locations, int depth, long[] values) throws IOException;
    }

    private PprofFile(byte[] bytes, int length, Room room) throws IOException {
        this.bytes = bytes;
        this.strings = new Strings(bytes);
        Tables tables = new Tables(room);
        read(new Records(bytes, 0, length), tables, room);
        name();
        this.places = new Places(
                tables, strings, isOurs(), DroppedFrames.of(text(header.dropFrames), text(header.keepFrames)));
    }

    /**
     * Reads one, packed or not.
     *
     * @param expected about as many bytes as it will have, unpacked; 0 where that is not known
     */
    public static PprofFile read(InputStream in, long expected) throws IOException {
        long heap = Runtime.getRuntime().maxMemory();
        FileBytes file = FileBytes.read(in, expected, FileBytes.most(heap));
        return parse(file.bytes(), file.length(), heap);
    }

    /** Of bytes that are not packed. */
    static PprofFile parse(byte[] bytes, int length, long heapBytes) throws IOException {
        ForeignFile.refuse(bytes, length);
        try {
            PprofFile file = new PprofFile(bytes, length, new Room(heapBytes));
            if (file.types.isEmpty()) {
                throw new InvalidProtocolBufferException("it does not say what its samples are of");
            }
            return file;
        } catch (InvalidProtocolBufferException e) {
            throw ForeignFile.instead(bytes, length, e);
        }
    }

    private void read(Records in, Tables tables, Room room) throws IOException {
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case ProfileProto.Profile.SAMPLE_FIELD_NUMBER -> addSample(in, room);
                case ProfileProto.Profile.STRING_TABLE_FIELD_NUMBER -> addString(in, room);
                case ProfileProto.Profile.MAPPING_FIELD_NUMBER -> tables.addMapping(in);
                case ProfileProto.Profile.LOCATION_FIELD_NUMBER -> tables.addLocation(in);
                case ProfileProto.Profile.FUNCTION_FIELD_NUMBER -> tables.addFunction(in);
                default -> {
                    if (!header.read(field, in)) {
                        in.skip();
                    }
                }
            }
        }
    }

    private void addSample(Records in, Room room) throws IOException {
        if (2 * sampleCount == samples.length) {
            room.take(2L * Integer.BYTES * sampleCount);
            samples = Arrays.copyOf(samples, 2 * samples.length);
        }
        int length = in.length();
        samples[2 * sampleCount] = in.at();
        samples[2 * sampleCount + 1] = in.at() + length;
        in.skipBytes(length);
        sampleCount++;
    }

    private void addString(Records in, Room room) throws IOException {
        int length = in.length();
        room.take(4L * Integer.BYTES);
        strings.add(in.at(), length);
        in.skipBytes(length);
    }

    private void name() throws IOException {
        for (Header.Type type : header.types) {
            types.add(named(type));
        }
        for (int comment : header.comments) {
            comments.add(text(comment));
        }
    }

    /** Whether perf-agent wrote it. */
    public boolean isOurs() {
        return !comments.isEmpty() && comments.getFirst().startsWith("perf-agent ");
    }

    private SampleType named(Header.Type type) throws IOException {
        return new SampleType(text(type.type()), text(type.unit()));
    }

    String text(long index) throws IOException {
        return strings.get(strings.checked(index));
    }

    public List<SampleType> types() {
        return types;
    }

    public List<String> comments() {
        return comments;
    }

    /** What the one who wrote it wants shown; −1 where nothing is said of that. */
    public int wantedType() throws IOException {
        String wanted = text(header.defaultType);
        for (int at = 0; at < types.size(); at++) {
            if (!wanted.isEmpty() && types.get(at).type().equals(wanted)) {
                return at;
            }
        }
        return -1;
    }

    public SampleType periodType() throws IOException {
        return named(header.periodType);
    }

    /** In the period's unit; 0 where it is not known. */
    public long period() {
        return header.period;
    }

    /** The epoch where it is not known. */
    public Instant start() {
        return Instant.EPOCH.plusNanos(header.timeNanos);
    }

    /** Zero where it is not known. */
    public Duration duration() {
        return Duration.ofNanos(Math.max(0, header.durationNanos));
    }

    /** How many there are of it, unpacked. */
    public long bytes() {
        return bytes.length;
    }

    public int sampleCount() {
        return sampleCount;
    }

    public int locationCount() {
        return places.count();
    }

    /** A location by its index. */
    public Location location(int index) {
        return places.get(index);
    }

    /** Puts a sample's locations into {@code to}, which has room for them, as indices; returns how many there are. */
    int locations(SampleRecord sample, int[] to) throws IOException {
        return places.indices(sample, to);
    }

    /** Shows all samples. */
    public void forEach(Visitor visitor) throws IOException {
        SampleRecord sample = new SampleRecord();
        int[] locations = new int[1 << 8];
        for (int at = 0; at < sampleCount; at++) {
            read(at, sample, false);
            if (locations.length < sample.depth) {
                locations = new int[2 * sample.depth];
            }
            visitor.visit(locations, places.indices(sample, locations), sample.values);
        }
    }

    /** Refuses a sample whose labels are not as they should be; all else of it is looked at wherever it is read. */
    public void checkLabels(int number) throws IOException {
        read(number, checked, true);
        for (SampleRecord.Label label : checked.labels) {
            String _ = text(label.key());
            String _ = text(label.text());
        }
    }

    /** One of the samples, by its number. */
    void read(int at, SampleRecord sample, boolean withLabels) throws IOException {
        try {
            sample.read(new Records(bytes, samples[2 * at], samples[2 * at + 1]), withLabels);
        } catch (InvalidProtocolBufferException e) {
            throw BadProfileException.damaged("a sample of it cannot be read (" + e.getMessage() + ")");
        }
        if (sample.valueCount != types.size()) {
            throw BadProfileException.damaged(
                    "a sample has " + sample.valueCount + " values of " + types.size() + " types");
        }
    }
}
