package io.perfagent.runtime.hotspot;

import io.perfagent.bpf.abi.HotSpotEntry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a JVM that tells of itself, in one piece; offsets are those of Debian's 17.0.15 and Temurin's 25.0.3, as their
 * {@code jhsdb} reads them.
 */
final class MadeUpJvm {
    private static final long START = 0x1_0000;
    private static final int SIZE = 1 << 17;
    private static final int STRIDE = 48;
    private static final int OBJECTS = 0x1000;

    private final ByteBuffer memory = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    private final Map<String, VmStructs.Field> fields = new LinkedHashMap<>();
    private final Map<String, Long> statics = new LinkedHashMap<>();
    private final Map<String, Long> types = new LinkedHashMap<>();
    private final Map<String, Long> symbols = new HashMap<>();
    private final Map<String, Long> addresses = new HashMap<>();
    private int end = OBJECTS;
    private long heapCount = 2;
    private long shift = 7;
    private long stride = STRIDE;
    private int queueEnd = 97_760;
    private int bufferLimit = 97_760;

    private MadeUpJvm() {
        statics.put("CodeCache::_heaps", START + 0x100);
        statics.put("AbstractInterpreter::_code", START + 0x200);
        statics.put("StubRoutines::_call_stub_return_address", 0x7000_0cc9L);
        with("VirtualSpace::_high_boundary", "char*", 8);
        with("VirtualSpace::_low", "char*", 16);
        with("GrowableArrayBase::_len", "int", 0);
        with("GrowableArray<int>::_data", "int*", 8);
        with("HeapBlock::Header::_used", "bool", 8);
        with("StubQueue::_stub_buffer", "address", 8);
        with("StubQueue::_buffer_limit", "int", 20);
        with("StubQueue::_queue_end", "int", 28);
    }

    static MadeUpJvm jdk17() {
        MadeUpJvm jvm = new MadeUpJvm();
        jvm.types.put("HeapBlock", 16L);
        return jvm.with("CodeHeap::_memory", "VirtualSpace", 8)
                .with("CodeHeap::_segmap", "VirtualSpace", 120)
                .with("CodeHeap::_log2_segment_size", "int", 256)
                .with("CodeBlob::_name", "const char*", 96)
                .with("CodeBlob::_size", "int", 12)
                .with("CodeBlob::_frame_complete_offset", "int", 20)
                .with("CodeBlob::_frame_size", "int", 28)
                .with("CodeBlob::_code_begin", "address", 32);
    }

    static MadeUpJvm jdk25() {
        MadeUpJvm jvm = new MadeUpJvm();
        jvm.types.put("HeapBlock", 8L);
        jvm.statics.put("ContinuationEntry::_return_pc", 0L);
        return jvm.with("CodeHeap::_memory", "VirtualSpace", 0)
                .with("CodeHeap::_segmap", "VirtualSpace", 112)
                .with("CodeHeap::_log2_segment_size", "int", 248)
                .with("HeapBlock::Header::_used", "bool", 4)
                .with("CodeBlob::_name", "const char*", 8)
                .with("CodeBlob::_size", "int", 24)
                .with("CodeBlob::_frame_complete_offset", "int16_t", 54)
                .with("CodeBlob::_frame_size", "int", 44)
                .with("CodeBlob::_code_offset", "int", 36);
    }

    MadeUpJvm with(String field, String type, long offset) {
        fields.put(field, new VmStructs.Field(type, offset));
        return this;
    }

    /** The value of a static field. */
    MadeUpJvm with(String field, long value) {
        statics.put(field, value);
        return this;
    }

    MadeUpJvm without(String name) {
        fields.remove(name);
        types.remove(name);
        symbols.put(name, 0L);
        return this;
    }

    MadeUpJvm withHeaps(long count) {
        heapCount = count;
        return this;
    }

    MadeUpJvm withSegmentShift(long bits) {
        shift = bits;
        return this;
    }

    MadeUpJvm withStride(long bytes) {
        stride = bytes;
        return this;
    }

    MadeUpJvm withInterpreter(int made, int room) {
        queueEnd = made;
        bufferLimit = room;
        return this;
    }

    /** Of a static field, once it has been described. */
    long addressOf(String field) {
        return addresses.getOrDefault(field, 0L);
    }

    @Nullable
    HotSpotEntry describe() throws MalformedJvm {
        writeObjects();
        writeStructs();
        JvmMemory words = new JvmMemory(this::read);
        return new CodeCache(VmStructs.read(words, this::symbol), words).describe();
    }

    private void writeObjects() {
        put(0x100, heapCount);
        put(0x108, START + 0x180);
        put(0x180, START + 0x300);
        put(0x188, START + 0x600);
        put(0x208, 0x7000_1000L);
        memory.putInt(0x200 + 20, bufferLimit).putInt(0x200 + 28, queueEnd);
        heap(0x300, 0x7000_0000L, 0x7800_0000L, 0x8000_0000L);
        heap(0x600, 0x7800_0000L, 0x7900_0000L, 0x8100_0000L);
    }

    private void heap(int at, long low, long high, long segments) {
        put(at + offset("CodeHeap::_memory") + 8, high);
        put(at + offset("CodeHeap::_memory") + 16, low);
        put(at + offset("CodeHeap::_segmap") + 16, segments);
        memory.putInt(at + offset("CodeHeap::_log2_segment_size"), (int) shift);
    }

    private int offset(String field) {
        VmStructs.Field found = fields.get(field);
        return found == null ? 0 : (int) found.at();
    }

    private void writeStructs() {
        int array = allocate(STRIDE * (fields.size() + statics.size() + 1));
        int at = array;
        for (Map.Entry<String, VmStructs.Field> field : fields.entrySet()) {
            names(at, field.getKey(), field.getValue().type());
            put(at + 32, field.getValue().at());
            at += STRIDE;
        }
        for (Map.Entry<String, Long> field : statics.entrySet()) {
            int value = allocate(8);
            names(at, field.getKey(), "address");
            put(value, field.getValue());
            memory.putInt(at + 24, 1);
            put(at + 40, START + value);
            addresses.put(field.getKey(), START + value);
            at += STRIDE;
        }
        symbol("VMStructs", START + array);
        symbol("VMStructEntryArrayStride", stride);
        String[] parts = {"TypeName", "FieldName", "TypeString", "IsStatic", "Offset", "Address"};
        for (int i = 0; i < parts.length; i++) {
            symbol("VMStructEntry" + parts[i] + "Offset", 8L * i);
        }
        writeTypes();
    }

    private void writeTypes() {
        int array = allocate(STRIDE * (types.size() + 1));
        int at = array;
        for (Map.Entry<String, Long> type : types.entrySet()) {
            put(at, string(type.getKey()));
            put(at + 40, type.getValue());
            at += STRIDE;
        }
        symbol("VMTypes", START + array);
        symbol("VMTypeEntryArrayStride", STRIDE);
        symbol("VMTypeEntryTypeNameOffset", 0);
        symbol("VMTypeEntrySizeOffset", 40);
    }

    private void names(int at, String field, String type) {
        int colons = field.lastIndexOf("::");
        put(at, string(field.substring(0, colons)));
        put(at + 8, string(field.substring(colons + 2)));
        put(at + 16, string(type));
    }

    private void symbol(String name, long value) {
        int at = allocate(8);
        put(at, value);
        symbols.putIfAbsent("gHotSpot" + name, START + at);
    }

    private long symbol(String name) throws MalformedJvm {
        long address = symbols.getOrDefault(name, 0L);
        if (address == 0) {
            throw new MalformedJvm("no symbol " + name);
        }
        return address;
    }

    private long string(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int at = allocate(bytes.length + 1);
        memory.put(at, bytes);
        return START + at;
    }

    private void put(int at, long value) {
        memory.putLong(at, value);
    }

    private int allocate(int bytes) {
        int at = end;
        end += (bytes + 7) & ~7;
        return at;
    }

    private boolean read(long address, byte[] to, int at, int length) {
        if (address < START || address + length > START + SIZE) {
            return false;
        }
        memory.get((int) (address - START), to, at, length);
        return true;
    }
}
