package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.perfagent.model.WalkEnd;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * {@code struct code_mapping}: a mapping of a process that code runs in, and where its table lies.
 *
 * @param start first runtime address
 * @param end address after the last
 * @param bias runtime address − ELF address
 * @param index word address of the table's page index
 * @param firstPage the table's first page, ELF address ≫ 12
 * @param pageCount pages of the table, 0 where there is none
 * @param tableEnd why there is no rule outside of these pages
 */
public record CodeMapping(long start, long end, long bias, int index, int firstPage, int pageCount, WalkEnd tableEnd) {
    /** Named as in C. */
    public static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    JAVA_LONG.withName("start"),
                    JAVA_LONG.withName("end"),
                    JAVA_LONG.withName("bias"),
                    JAVA_INT.withName("index"),
                    JAVA_INT.withName("first_page"),
                    JAVA_INT.withName("page_count"),
                    JAVA_INT.withName("table_end"))
            .withName("code_mapping");

    private static final long START = offset("start");
    private static final long END = offset("end");
    private static final long BIAS = offset("bias");
    private static final long INDEX = offset("index");
    private static final long FIRST_PAGE = offset("first_page");
    private static final long PAGE_COUNT = offset("page_count");
    private static final long TABLE_END = offset("table_end");

    /** Writes the mapping at a word offset. */
    public void write(MemorySegment words, long at) {
        MemorySegment to = words.asSlice(at * 4, LAYOUT.byteSize());
        to.set(JAVA_LONG, START, start);
        to.set(JAVA_LONG, END, end);
        to.set(JAVA_LONG, BIAS, bias);
        to.set(JAVA_INT, INDEX, index);
        to.set(JAVA_INT, FIRST_PAGE, firstPage);
        to.set(JAVA_INT, PAGE_COUNT, pageCount);
        to.set(JAVA_INT, TABLE_END, tableEnd.ordinal());
    }

    private static long offset(String field) {
        return LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }
}
