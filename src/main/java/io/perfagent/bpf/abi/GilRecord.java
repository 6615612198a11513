package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.perfagent.model.GilUse;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/** {@code struct gil}: what a sample's thread had to do with CPython's lock. */
final class GilRecord {
    /** Named as in C. */
    static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    JAVA_LONG.withName("code"),
                    JAVA_LONG.withName("detail"),
                    JAVA_INT.withName("tid"),
                    JAVA_BYTE.withName("role"),
                    JAVA_BYTE.withName("holder"),
                    MemoryLayout.sequenceLayout(2, JAVA_BYTE).withName("reserved"))
            .withName("gil");

    private static final long CODE = offset("code");
    private static final long DETAIL = offset("detail");
    private static final long TID = offset("tid");
    private static final long ROLE = offset("role");
    private static final long HOLDER = offset("holder");

    private GilRecord() {}

    /**
     * What else it says holds for who waited for it only.
     *
     * @param at where it begins
     */
    static GilUse decode(RecordWords record, long at) {
        GilUse.Role role = GilUse.Role.of(record.byteAt(at + ROLE));
        return switch (role) {
            case AWAITED ->
                new GilUse(
                        role,
                        GilUse.Holder.of(record.byteAt(at + HOLDER)),
                        record.intAt(at + TID),
                        record.longAt(at + CODE),
                        record.longAt(at + DETAIL));
            default -> new GilUse(role, GilUse.Holder.KNOWN, 0, 0, 0);
        };
    }

    private static long offset(String field) {
        return LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }
}
