package io.perfagent.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.BlobField;
import io.perfagent.bpf.abi.CPythonEntry;
import io.perfagent.bpf.abi.CodeHeap;
import io.perfagent.bpf.abi.CodeMapping;
import io.perfagent.bpf.abi.CpuCounters;
import io.perfagent.bpf.abi.EventPace;
import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.bpf.abi.Limits;
import io.perfagent.bpf.abi.MadeCodeEntry;
import io.perfagent.bpf.abi.ProcessEntry;
import io.perfagent.bpf.abi.RuleLayout;
import io.perfagent.bpf.abi.SampleRecord;
import io.perfagent.bpf.abi.SentCode;
import io.perfagent.bpf.abi.StoppedWalk;
import io.perfagent.bpf.abi.ThreadRecord;
import io.perfagent.bpf.abi.ThreadTimesRecord;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.bpf.abi.WaitCountersEntry;
import io.perfagent.bpf.abi.WaitRecord;
import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.model.Descriptor;
import io.perfagent.model.Event;
import io.perfagent.model.StackCopies;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WalkEnd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Java's view of bpf/abi.h against the BTF that clang wrote into the object: names, offsets, sizes, numbers. */
class ContractTest {
    private static Btf btf;

    @BeforeAll
    static void readTypes() throws Exception {
        try (ElfFile object = ElfFile.of(BpfObject.samplerImage())) {
            Section section = Objects.requireNonNull(object.section(".BTF"));
            btf = new Btf(object.read(section));
        }
    }

    static List<StructLayout> layouts() {
        return List.of(
                SampleRecord.LAYOUT,
                StoppedWalk.LAYOUT,
                CodeMapping.LAYOUT,
                ProcessEntry.LAYOUT,
                BlobField.LAYOUT,
                CodeHeap.LAYOUT,
                HotSpotEntry.LAYOUT,
                CPythonEntry.LAYOUT,
                SentCode.LAYOUT,
                MadeCodeEntry.KEY,
                MadeCodeEntry.VALUE,
                MadeCodeEntry.QUESTION,
                ThreadRecord.LAYOUT,
                CpuCounters.LAYOUT,
                EventPace.LAYOUT,
                WaitRecord.LAYOUT,
                WaitCountersEntry.LAYOUT,
                ThreadTimesRecord.LAYOUT,
                ThreadTimesRecord.ENDED,
                SamplerObject.CONFIG);
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void layoutIsTheStructs(StructLayout layout) {
        expectSame(btf, layout);
    }

    static void expectSame(Btf btf, StructLayout layout) {
        Btf.Struct struct = btf.struct(layout.name().orElseThrow());
        assertThat(layout.byteSize()).isEqualTo(struct.size());
        List<String> ours = new ArrayList<>();
        for (MemoryLayout member : layout.memberLayouts()) {
            String name = member.name().orElseThrow();
            ours.add(name + "@" + layout.byteOffset(MemoryLayout.PathElement.groupElement(name)));
        }
        assertThat(ours).isEqualTo(fields(struct));
    }

    @Test
    void ruleIsTheStruct() {
        Btf.Struct struct = btf.struct("unwind_rule");
        assertThat(RuleLayout.SIZE).isEqualTo(struct.size());
        assertThat(fields(struct))
                .containsExactly(
                        "cfa_op@" + RuleLayout.CFA_OP,
                        "cfa_register@" + RuleLayout.CFA_REGISTER_NUMBER,
                        "rbp_op@" + RuleLayout.RBP_OP,
                        "rbx_op@" + RuleLayout.RBX_OP,
                        "cfa_offset@" + RuleLayout.CFA_OFFSET,
                        "cfa_addend@" + RuleLayout.CFA_ADDEND,
                        "rbp_offset@" + RuleLayout.RBP_OFFSET,
                        "rbx_offset@" + RuleLayout.RBX_OFFSET,
                        "ra_offset@" + RuleLayout.RA_OFFSET);
    }

    @Test
    void walkEndsAreTheEnums() {
        Map<String, Integer> constants = btf.enumeration("walk_end");
        assertThat(constants).containsEntry("WALK_END_COUNT", WalkEnd.values().length);
        for (WalkEnd end : WalkEnd.values()) {
            String name = end == WalkEnd.END_OF_STACK ? end.name() : "END_" + end.name();
            assertThat(constants).containsEntry(name, end.ordinal());
        }
        assertThat(constants).hasSize(WalkEnd.values().length + 1);
    }

    @Test
    void eventsAreTheEnums() {
        Map<String, Integer> constants = btf.enumeration("sample_event");
        assertThat(constants).containsEntry("SAMPLE_EVENT_COUNT", Event.values().length);
        for (Event event : Event.values()) {
            assertThat(constants).containsEntry("EVENT_" + event.name(), event.ordinal());
        }
        assertThat(constants).hasSize(Event.values().length + 1);
    }

    @Test
    void descriptorsAreTheEnums() {
        Map<String, Integer> constants = btf.enumeration("descriptor_kind");
        assertThat(constants).containsEntry("DESCRIPTOR_KIND_COUNT", Descriptor.values().length);
        for (Descriptor kind : Descriptor.values()) {
            assertThat(constants).containsEntry("DESCRIPTOR_" + kind.name(), kind.ordinal());
        }
        assertThat(constants).hasSize(Descriptor.values().length + 1);
    }

    static List<Arguments> constants() {
        return List.of(
                Arguments.of("abi_limit", Limits.class, Set.of("COMM_LENGTH", "CPU_CACHE_ROWS")),
                Arguments.of("process_flag", ProcessEntry.class, Set.of()),
                Arguments.of("row_op", UnwindRow.class, Set.of()),
                Arguments.of("row_bits", UnwindRow.class, Set.of()),
                Arguments.of("cfa_op", RuleLayout.class, Set.of()),
                Arguments.of("saved_op", RuleLayout.class, Set.of()));
    }

    @ParameterizedTest
    @MethodSource("constants")
    void constantsAreTheEnums(String enumeration, Class<?> java, Set<String> onlyInC) throws Exception {
        for (Map.Entry<String, Integer> constant : btf.enumeration(enumeration).entrySet()) {
            if (!onlyInC.contains(constant.getKey())) {
                assertThat(java.getField(constant.getKey()).getInt(null)).isEqualTo(constant.getValue());
            }
        }
    }

    @Test
    void unwindModesAreInOrder() {
        assertThat(UnwindMode.values()).containsExactly(UnwindMode.AUTO, UnwindMode.DWARF, UnwindMode.FP);
    }

    @Test
    void copyModesAreTheEnums() {
        Map<String, Integer> constants = btf.enumeration("copy_mode");
        assertThat(constants).hasSize(StackCopies.values().length);
        for (StackCopies mode : StackCopies.values()) {
            assertThat(constants).containsEntry("COPY_" + mode, mode.ordinal());
        }
    }

    /** Where it is written, and not only where its layout says: the kernel side reads each value under its own name. */
    @Test
    void valuesLieWhereTheStructsHaveThem() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment words = arena.allocate(CodeMapping.LAYOUT.byteSize() + 8);
            new CodeMapping(1, 2, 3, 4, 5, 6, WalkEnd.NO_TABLE).write(words, 2);
            assertThat(values("code_mapping", words.asSlice(8)))
                    .containsExactly(
                            "start=1",
                            "end=2",
                            "bias=3",
                            "index=4",
                            "first_page=5",
                            "page_count=6",
                            "table_end=" + WalkEnd.NO_TABLE.ordinal());
            assertThat(values("process", new ProcessEntry(1, 2, 3, 4, 5, 6).allocate(arena)))
                    .containsExactly("mappings=1", "count=2", "generation=3", "flags=4", "hotspot=5", "cpython=6");
        }
    }

    /** A field ends where the next one begins. */
    private static List<String> values(String name, MemorySegment bytes) {
        Btf.Struct struct = btf.struct(name);
        List<String> values = new ArrayList<>();
        for (int i = 0; i < struct.members().size(); i++) {
            long at = struct.members().get(i).offsetBits() / 8;
            long end = i + 1 < struct.members().size()
                    ? struct.members().get(i + 1).offsetBits() / 8
                    : struct.size();
            long value = end - at == 8 ? bytes.get(JAVA_LONG_UNALIGNED, at) : bytes.get(JAVA_INT_UNALIGNED, at);
            values.add(struct.members().get(i).name() + "=" + value);
        }
        return values;
    }

    private static List<String> fields(Btf.Struct struct) {
        List<String> fields = new ArrayList<>();
        for (Btf.Member member : struct.members()) {
            fields.add(member.name() + "@" + member.offsetBits() / 8);
        }
        return fields;
    }
}
