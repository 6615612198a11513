package io.perfagent.view.pprof;

import io.perfagent.output.proto.ProfileProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The mappings, functions and locations of a profile, as the file has them: strings by index, others by id. */
final class Tables {
    private static final int OBJECT_BYTES = 48;
    private static final int LINE_BYTES = Long.BYTES + Integer.BYTES;

    private final Room room;
    final List<Mapping> mappings = new ArrayList<>();
    final List<Function> functions = new ArrayList<>();
    final List<Location> locations = new ArrayList<>();

    private long[] called = new long[16];
    private int[] lines = new int[16];
    private int depth;

    Tables(Room room) {
        this.room = room;
    }

    record Mapping(long id, long start, long limit, long offset, int file, int buildId) {}

    record Function(long id, int name, int systemName, int file, int startLine) {}

    /**
     * @param mapping its id, 0 for none
     * @param functions ids, innermost first
     * @param lines of these
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Location(long id, long mapping, long address, long[] functions, int[] lines) {}

    void addMapping(Records in) throws IOException {
        long id = 0;
        long start = 0;
        long limit = 0;
        long offset = 0;
        int file = 0;
        int buildId = 0;
        int outer = in.enter();
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case ProfileProto.Mapping.ID_FIELD_NUMBER -> id = in.number();
                case ProfileProto.Mapping.MEMORY_START_FIELD_NUMBER -> start = in.number();
                case ProfileProto.Mapping.MEMORY_LIMIT_FIELD_NUMBER -> limit = in.number();
                case ProfileProto.Mapping.FILE_OFFSET_FIELD_NUMBER -> offset = in.number();
                case ProfileProto.Mapping.FILENAME_FIELD_NUMBER -> file = index(in);
                case ProfileProto.Mapping.BUILD_ID_FIELD_NUMBER -> buildId = index(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        room.take(OBJECT_BYTES);
        mappings.add(new Mapping(id, start, limit, offset, file, buildId));
    }

    void addFunction(Records in) throws IOException {
        long id = 0;
        int name = 0;
        int systemName = 0;
        int file = 0;
        int startLine = 0;
        int outer = in.enter();
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case ProfileProto.Function.ID_FIELD_NUMBER -> id = in.number();
                case ProfileProto.Function.NAME_FIELD_NUMBER -> name = index(in);
                case ProfileProto.Function.SYSTEM_NAME_FIELD_NUMBER -> systemName = index(in);
                case ProfileProto.Function.FILENAME_FIELD_NUMBER -> file = index(in);
                case ProfileProto.Function.START_LINE_FIELD_NUMBER -> startLine = line(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        room.take(OBJECT_BYTES);
        functions.add(new Function(id, name, systemName, file, startLine));
    }

    void addLocation(Records in) throws IOException {
        long id = 0;
        long mapping = 0;
        long address = 0;
        depth = 0;
        int outer = in.enter();
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case ProfileProto.Location.ID_FIELD_NUMBER -> id = in.number();
                case ProfileProto.Location.MAPPING_ID_FIELD_NUMBER -> mapping = in.number();
                case ProfileProto.Location.ADDRESS_FIELD_NUMBER -> address = in.number();
                case ProfileProto.Location.LINE_FIELD_NUMBER -> readLine(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        room.take(2L * OBJECT_BYTES + (long) depth * LINE_BYTES);
        locations.add(new Location(id, mapping, address, Arrays.copyOf(called, depth), Arrays.copyOf(lines, depth)));
    }

    private void readLine(Records in) throws IOException {
        if (depth == lines.length) {
            room.take((long) depth * LINE_BYTES);
            called = Arrays.copyOf(called, 2 * depth);
            lines = Arrays.copyOf(lines, 2 * depth);
        }
        called[depth] = 0;
        lines[depth] = 0;
        int outer = in.enter();
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case ProfileProto.Line.FUNCTION_ID_FIELD_NUMBER -> called[depth] = in.number();
                case ProfileProto.Line.LINE_FIELD_NUMBER -> lines[depth] = line(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        depth++;
    }

    /** Of a string; what no table can have is negative. */
    static int index(Records in) throws IOException {
        long index = in.number();
        return index < 0 || index > Integer.MAX_VALUE ? -1 : (int) index;
    }

    /** Some write −1 where they know none. */
    private static int line(Records in) throws IOException {
        long line = in.number();
        return line < 0 || line > Integer.MAX_VALUE ? 0 : (int) line;
    }
}
