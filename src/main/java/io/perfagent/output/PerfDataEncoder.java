package io.perfagent.output;

import io.perfagent.model.BuildId;
import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.model.PrintableName;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Encodes a profile as {@code perf record} writes it (tools/perf/Documentation/perf.data-file-format.txt): addresses, which perf names itself from the
 * files of the machine that it runs on.
 *
 * <pre>
 *   header │ one event attribute │ data: COMM of each thread, MMAP2 of each binary with its build id, SAMPLE … │ table of build ids
 * </pre>
 *
 * There is a record for each sample, at its time. Frames without an address, which are those of Python that were read, have no place in the format.
 * The header says how long the data is, so that it is written twice, first to nowhere.
 */
final class PerfDataEncoder {
    private static final byte[] MAGIC = "PERFILE2".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADER_BYTES = 104;
    private static final int ATTRIBUTE_BYTES = 112; // PERF_ATTR_SIZE_VER5
    private static final int SECTION_BYTES = 16;
    private static final int DATA_AT = HEADER_BYTES + ATTRIBUTE_BYTES + SECTION_BYTES;
    private static final long BUILD_ID_FEATURE = 1L << 2; // HEADER_BUILD_ID

    private static final int HARDWARE = 0;
    private static final int SOFTWARE = 1;
    private static final int DUMMY = 9;
    private static final int CPU_CLOCK = 0;
    private static final long IP_TID_TIME_CALLCHAIN_PERIOD = 1 | 2 | 4 | 0x20 | 0x100;
    private static final long MMAP_COMM_MMAP2_NO_GUEST = 1 << 8 | 1 << 9 | 1 << 23 | 1 << 20;
    private static final long CONTEXT_KERNEL = -128;
    private static final long CONTEXT_USER = -512;
    private static final int READ_EXECUTE = 5;
    private static final int PRIVATE = 2;
    private static final int BUILD_ID_ROOM = 20;
    private static final int KERNEL_PID = -1;
    private static final String IDLE = "swapper";
    private static final String KERNEL_MAPPING = "[kernel.kallsyms]_text";

    private static final long NANOS_PER_MICRO = 1000;

    private final Profile profile;
    private final long period;
    private final long[] samples;
    private final PerfRecord record = new PerfRecord();

    /** What perf calls an event by (include/uapi/linux/perf_event.h); one that has no number there is a dummy. */
    private record EventNumber(int type, long config) {
        static EventNumber of(String name) {
            return switch (name) {
                case "cpu" -> new EventNumber(SOFTWARE, CPU_CLOCK);
                case "task-clock" -> new EventNumber(SOFTWARE, 1);
                case "page-faults" -> new EventNumber(SOFTWARE, 2);
                case "context-switches" -> new EventNumber(SOFTWARE, 3);
                case "cpu-migrations" -> new EventNumber(SOFTWARE, 4);
                case "minor-faults" -> new EventNumber(SOFTWARE, 5);
                case "major-faults" -> new EventNumber(SOFTWARE, 6);
                case "cycles" -> new EventNumber(HARDWARE, 0);
                case "instructions" -> new EventNumber(HARDWARE, 1);
                case "cache-misses" -> new EventNumber(HARDWARE, 3);
                case "branch-misses" -> new EventNumber(HARDWARE, 5);
                default -> new EventNumber(SOFTWARE, DUMMY);
            };
        }
    }

    private PerfDataEncoder(Profile profile) {
        this.profile = profile;
        this.period = profile.measure().period();
        this.samples = TimedSamples.of(profile.stacks(), profile.startNanos(), at -> at);
    }

    static void write(Profile profile, OutputStream out) throws IOException {
        new PerfDataEncoder(profile).write(out);
    }

    private void write(OutputStream out) throws IOException {
        CountedBytes length = new CountedBytes();
        writeData(length);
        byte[] buildIds = buildIds();
        out.write(header(length.count()));
        writeData(out);
        out.write(section(DATA_AT + length.count() + SECTION_BYTES, buildIds.length));
        out.write(buildIds);
    }

    private byte[] header(long dataBytes) {
        byte[] bytes = new byte[DATA_AT];
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        header.put(MAGIC).putLong(HEADER_BYTES).putLong(ATTRIBUTE_BYTES + SECTION_BYTES);
        header.putLong(HEADER_BYTES).putLong(ATTRIBUTE_BYTES + SECTION_BYTES);
        header.putLong(DATA_AT).putLong(dataBytes);
        header.putLong(0).putLong(0);
        header.putLong(BUILD_ID_FEATURE).putLong(0).putLong(0).putLong(0);
        EventNumber event = EventNumber.of(profile.measure().type());
        header.putInt(event.type())
                .putInt(ATTRIBUTE_BYTES)
                .putLong(event.config())
                .putLong(period);
        header.putLong(IP_TID_TIME_CALLCHAIN_PERIOD).putLong(0).putLong(MMAP_COMM_MMAP2_NO_GUEST);
        return bytes;
    }

    private void writeData(OutputStream out) throws IOException {
        writeName(0, 0, IDLE, out); // perf takes a file without a record for damaged
        Set<Long> threads = new HashSet<>();
        Map<Integer, Set<Module>> mapped = new LinkedHashMap<>();
        for (StackCount stack : profile.stacks()) {
            if (threads.add(((long) stack.pid() << 32) | stack.tid())) {
                writeName(stack.pid(), stack.tid(), PrintableName.whole(stack.threadName()), out);
            }
            Set<Module> ofProcess = mapped.computeIfAbsent(stack.pid(), _ -> new HashSet<>());
            for (Location location : stack.locations()) {
                Module module = location.module();
                if (module != null && ofProcess.add(module)) {
                    writeMapping(stack.pid(), module, out);
                }
            }
        }
        for (long sample : samples) {
            writeSample(
                    profile.stacks().get(TimedSamples.number(sample)),
                    TimedSamples.micros(sample) * NANOS_PER_MICRO,
                    out);
        }
    }

    private void writeName(int pid, int tid, String name, OutputStream out) throws IOException {
        record.begin(PerfRecord.COMM, 0).number(pid).number(tid).name(name).writeTo(out);
    }

    private void writeMapping(int pid, Module module, OutputStream out) throws IOException {
        long length = module.end() - module.start();
        if (module.start() < 0) {
            record.begin(PerfRecord.MMAP, PerfRecord.IN_KERNEL)
                    .number(KERNEL_PID)
                    .number(0);
            record.number(module.start()).number(length).number(module.start()).name(KERNEL_MAPPING);
        } else {
            byte[] id = bytes(module.buildId());
            record.begin(PerfRecord.MMAP2, PerfRecord.IN_USER | (id.length > 0 ? PerfRecord.WITH_BUILD_ID : 0));
            record.number(pid).number(pid).number(module.start()).number(length).number(module.fileOffset());
            record.number(id.length).bytes(Arrays.copyOf(id, BUILD_ID_ROOM)); // or 0 for device, inode and generation
            record.number(READ_EXECUTE).number(PRIVATE).name(PrintableName.whole(module.path()));
        }
        record.writeTo(out);
    }

    private void writeSample(StackCount stack, long sinceStart, OutputStream out) throws IOException {
        long[] chain = chain(stack.locations());
        if (chain.length < 2) {
            return;
        }
        boolean kernel = chain[0] == CONTEXT_KERNEL;
        record.begin(PerfRecord.SAMPLE, kernel ? PerfRecord.IN_KERNEL : PerfRecord.IN_USER);
        record.number(chain[1]).number(stack.pid()).number(stack.tid());
        record.number(profile.startNanos() + sinceStart).number(period);
        int most = Math.min(chain.length, record.room() - 1);
        record.number((long) most);
        for (int at = 0; at < most; at++) {
            record.number(chain[at]);
        }
        record.writeTo(out);
    }

    /** Leaf first, with what tells kernel from user before each of both. */
    private static long[] chain(List<Location> locations) {
        long[] chain = new long[2 * locations.size()];
        int size = 0;
        long context = 0;
        for (Location location : locations) {
            long address = location.address();
            if (address == 0) {
                continue;
            }
            long wanted = address < 0 ? CONTEXT_KERNEL : CONTEXT_USER;
            if (wanted != context) {
                chain[size++] = wanted;
                context = wanted;
            }
            chain[size++] = address;
        }
        return Arrays.copyOf(chain, size);
    }

    private static byte[] bytes(@Nullable BuildId id) {
        byte[] bytes = HexFormat.of().parseHex(id == null ? "" : id.hex());
        return Arrays.copyOf(bytes, Math.min(bytes.length, BUILD_ID_ROOM));
    }

    private static byte[] section(long offset, long size) {
        byte[] bytes = new byte[SECTION_BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(offset).putLong(size);
        return bytes;
    }

    /** As {@code perf buildid-list} reads them: PID, build id in 24 bytes, name. */
    private byte[] buildIds() throws IOException {
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        Map<String, byte[]> ids = new LinkedHashMap<>();
        for (StackCount stack : profile.stacks()) {
            for (Location location : stack.locations()) {
                Module module = location.module();
                if (module != null && module.buildId() != null) {
                    ids.putIfAbsent(module.path(), bytes(module.buildId()));
                }
            }
        }
        for (Map.Entry<String, byte[]> id : ids.entrySet()) {
            record.begin(0, PerfRecord.IN_USER | PerfRecord.WITH_SIZE).number(KERNEL_PID);
            record.bytes(Arrays.copyOf(id.getValue(), BUILD_ID_ROOM)).number(id.getValue().length);
            record.name(PrintableName.whole(id.getKey())).writeTo(table);
        }
        return table.toByteArray();
    }
}
