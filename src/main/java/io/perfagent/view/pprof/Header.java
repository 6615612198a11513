package io.perfagent.view.pprof;

import io.perfagent.output.proto.ProfileProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What is in a profile once, as the file has it: strings by index. */
final class Header {
    private static final int MOST = 1 << 10;

    final List<Type> types = new ArrayList<>();
    final List<Integer> comments = new ArrayList<>();
    Type periodType = new Type(0, 0);
    long period;
    long timeNanos;
    long durationNanos;
    int defaultType;
    int dropFrames;
    int keepFrames;

    record Type(int type, int unit) {}

    /** Whether the field was one of these; it is read then. */
    boolean read(int field, Records in) throws IOException {
        switch (field) {
            case ProfileProto.Profile.SAMPLE_TYPE_FIELD_NUMBER -> addType(type(in));
            case ProfileProto.Profile.PERIOD_TYPE_FIELD_NUMBER -> periodType = type(in);
            case ProfileProto.Profile.PERIOD_FIELD_NUMBER -> period = in.number();
            case ProfileProto.Profile.TIME_NANOS_FIELD_NUMBER -> timeNanos = in.number();
            case ProfileProto.Profile.DURATION_NANOS_FIELD_NUMBER -> durationNanos = in.number();
            case ProfileProto.Profile.DEFAULT_SAMPLE_TYPE_FIELD_NUMBER -> defaultType = Tables.index(in);
            case ProfileProto.Profile.DROP_FRAMES_FIELD_NUMBER -> dropFrames = Tables.index(in);
            case ProfileProto.Profile.KEEP_FRAMES_FIELD_NUMBER -> keepFrames = Tables.index(in);
            case ProfileProto.Profile.COMMENT_FIELD_NUMBER -> readComments(in);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void addType(Type type) throws BadProfileException {
        types.add(type);
        if (types.size() > MOST) {
            throw BadProfileException.damaged("it has more than " + MOST + " types of values");
        }
    }

    private static Type type(Records in) throws IOException {
        int type = 0;
        int unit = 0;
        int outer = in.enter();
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case ProfileProto.ValueType.TYPE_FIELD_NUMBER -> type = Tables.index(in);
                case ProfileProto.ValueType.UNIT_FIELD_NUMBER -> unit = Tables.index(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new Type(type, unit);
    }

    /** What is beyond a bound is left. */
    private void readComments(Records in) throws IOException {
        if (!in.isList()) {
            addComment(in.number());
            return;
        }
        int outer = in.enter();
        while (in.more()) {
            addComment(in.listed());
        }
        in.leave(outer);
    }

    private void addComment(long index) {
        if (comments.size() < MOST) {
            comments.add(index < 0 || index > Integer.MAX_VALUE ? -1 : (int) index);
        }
    }
}
