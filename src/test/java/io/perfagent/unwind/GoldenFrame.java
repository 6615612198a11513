package io.perfagent.unwind;

import java.util.List;

/**
 * One FDE as readelf interprets it.
 *
 * @param id of the entry: its offset in the section, as readelf prints it
 * @param start ELF address
 * @param end ELF address, exclusive
 * @param signalFrame whether its CIE has augmentation {@code S}
 * @param operations the instructions with expressions or {@code undefined}, of the CIE and then of the FDE, as readelf prints them
 * @param rows sorted by location, one for each location
 */
record GoldenFrame(long id, long start, long end, boolean signalFrame, List<Operation> operations, List<Row> rows) {
    /** An instruction that holds from a location on; those of the CIE from 0 on. */
    record Operation(long location, String text) {}

    /** Columns as readelf prints them; {@code ""} for a register that the FDE does not mention. */
    record Row(long location, String cfa, String rbx, String rbp, String rsp, String ra) {}
}
