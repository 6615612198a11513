package io.perfagent.bpf;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.BlobField;
import io.perfagent.bpf.abi.CPythonEntry;
import io.perfagent.bpf.abi.CPythonEntry.CodeCounter;
import io.perfagent.bpf.abi.CPythonEntry.Lock;
import io.perfagent.bpf.abi.CPythonEntry.Offsets;
import io.perfagent.bpf.abi.CPythonEntry.Shape;
import io.perfagent.bpf.abi.CPythonEntry.TagWord;
import io.perfagent.bpf.abi.CodeHeap;
import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.bpf.abi.RuntimeEntry;
import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the walker is told of runtimes lies where it reads it: each value, another in each field, under its own name. */
class RuntimeEntriesTest {
    private static Btf btf;

    @BeforeAll
    static void readTypes() throws Exception {
        try (ElfFile object = ElfFile.of(BpfObject.samplerImage())) {
            Section section = Objects.requireNonNull(object.section(".BTF"));
            btf = new Btf(object.read(section));
        }
    }

    @Test
    void ofCPython() throws Exception {
        RecordComponent[] components = Offsets.class.getRecordComponents();
        Map<String, Long> expected = new LinkedHashMap<>();
        Object[] offsets = new Object[components.length];
        for (int i = 0; i < components.length - 1; i++) {
            offsets[i] = 100 + i;
            expected.put(inC(components[i].getName()), 100L + i);
        }
        offsets[components.length - 1] = List.of(new TagWord(201, 301), new TagWord(202, 302));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = written(
                    arena,
                    new CPythonEntry(
                            1,
                            2,
                            (Offsets) Offsets.class.getDeclaredConstructors()[0].newInstance(offsets),
                            Shape.SHIMS,
                            true,
                            false,
                            9,
                            new CodeCounter(10, 11),
                            new Lock(11, 12, 13, 14, 15, 16)));
            expected.putAll(Map.of("interpreters", 1L, "pointer_mask", 2L, "shape", 3L, "instruction_is_address", 1L));
            expected.putAll(Map.of("frame_by_cframe", 0L, "shim_owner", 9L, "tag_count", 2L));
            expected.putAll(Map.of("code_counter", 10L, "interpreter_codes", 11L, "reserved_2", 0L));
            assertThat(values("cpython", bytes)).containsExactlyInAnyOrderEntriesOf(expected);
            assertThat(shorts(bytes, at("cpython", "tag_words"))).containsExactly(201, 202, 0);
            assertThat(shorts(bytes, at("cpython", "tag_inside"))).containsExactly(301, 302, 0);
            assertThat(values("cpython_gil", bytes.asSlice(at("cpython", "gil"))))
                    .hasToString("{address=11, pointer=12, locked=13, holder=14, waits=15, waits_size=16, reserved=0}");
        }
    }

    @Test
    void ofHotSpot() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = written(
                    arena,
                    new HotSpotEntry(
                            List.of(new CodeHeap(21, 22, 23), new CodeHeap(31, 32, 33)),
                            1,
                            2,
                            3,
                            4,
                            new BlobField(11, 1),
                            new BlobField(12, 2),
                            new BlobField(13, 4),
                            new BlobField(14, 8),
                            new BlobField(15, 1),
                            new BlobField(16, 2),
                            7,
                            8));
            assertThat(values("hotspot", bytes))
                    .hasToString(
                            "{interpreter_start=1, interpreter_end=2, call_stub_return=3, continuation_return_at=4,"
                                    + " used=267, name=524, blob_size=1037, frame_size=2062, frame_complete=271, code=528,"
                                    + " block_header=7, segment_shift=8, reserved=0}");
            MemorySegment heaps = bytes.asSlice(at("hotspot", "heaps"));
            assertThat(values("code_heap", heaps)).hasToString("{start=21, end=22, segments=23}");
            assertThat(values("code_heap", heaps.asSlice(btf.struct("code_heap").size())))
                    .hasToString("{start=31, end=32, segments=33}");
        }
    }

    private static MemorySegment written(Arena arena, RuntimeEntry entry) {
        MemorySegment words = arena.allocate(entry.layout().byteSize() + Integer.BYTES, Long.BYTES);
        entry.write(words, 0);
        return words;
    }

    /** Those of a size that numbers have; a field ends where the next one begins. */
    private static Map<String, Long> values(String name, MemorySegment bytes) {
        Btf.Struct struct = btf.struct(name);
        Map<String, Long> values = new LinkedHashMap<>();
        for (int i = 0; i < struct.members().size(); i++) {
            String field = struct.members().get(i).name();
            long end = i + 1 < struct.members().size()
                    ? at(name, struct.members().get(i + 1).name())
                    : struct.size();
            long at = at(name, field);
            switch ((int) (end - at)) {
                case 1 -> values.put(field, (long) bytes.get(JAVA_BYTE, at));
                case 2 -> values.put(field, (long) bytes.get(JAVA_SHORT, at));
                case 4 -> values.put(field, (long) bytes.get(JAVA_INT, at));
                case 8 -> values.put(field, bytes.get(JAVA_LONG, at));
                default -> {}
            }
        }
        return values;
    }

    private static int[] shorts(MemorySegment bytes, long at) {
        return new int[] {bytes.get(JAVA_SHORT, at), bytes.get(JAVA_SHORT, at + 2), bytes.get(JAVA_SHORT, at + 4)};
    }

    private static long at(String struct, String field) {
        return btf.struct(struct).members().stream()
                        .filter(member -> member.name().equals(field))
                        .findFirst()
                        .orElseThrow()
                        .offsetBits()
                / 8;
    }

    private static String inC(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }
}
