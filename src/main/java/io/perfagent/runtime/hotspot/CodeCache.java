package io.perfagent.runtime.hotspot;

import io.perfagent.bpf.abi.BlobField;
import io.perfagent.bpf.abi.CodeHeap;
import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.bpf.abi.Limits;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds a JVM's code cache by what the JVM says of its own layout: no version is known here but by what it has. */
final class CodeCache {
    private static final int LARGEST_SHIFT = 16;
    private static final int LARGEST_HEADER = 64;
    private static final long LARGEST_INTERPRETER = 16 << 20;

    private final VmStructs structs;
    private final JvmMemory memory;

    CodeCache(VmStructs structs, JvmMemory memory) {
        this.structs = structs;
        this.memory = memory;
    }

    /** The code cache; null where the JVM has not finished its interpreter yet, which is the last of what does not change. */
    @Nullable
    HotSpotEntry describe() throws MalformedJvm {
        long list = fixed("CodeCache::_heaps");
        long stubs = fixed("AbstractInterpreter::_code");
        long callStub = fixed("StubRoutines::_call_stub_return_address");
        if (list == 0
                || stubs == 0
                || callStub == 0
                || number(stubs, "StubQueue::_queue_end") != interpreterSize(stubs)) {
            return null;
        }
        List<Long> heaps = heaps(list);
        long interpreter = word(stubs, "StubQueue::_stub_buffer");
        int header = (int) between(structs.size("HeapBlock"), 1, LARGEST_HEADER);
        return new HotSpotEntry(
                codeHeaps(heaps),
                interpreter,
                interpreter + interpreterSize(stubs),
                callStub,
                structs.has("ContinuationEntry::_return_pc")
                        ? structs.field("ContinuationEntry::_return_pc").at()
                        : 0,
                field(structs.field("HeapBlock::Header::_used"), 0),
                field(structs.field("CodeBlob::_name"), header),
                field(structs.field("CodeBlob::_size"), header),
                field(structs.field("CodeBlob::_frame_size"), header),
                field(structs.field("CodeBlob::_frame_complete_offset"), header),
                field(
                        structs.field(
                                structs.has("CodeBlob::_code_begin")
                                        ? "CodeBlob::_code_begin"
                                        : "CodeBlob::_code_offset"),
                        header),
                header,
                (int) between(number(heaps.getFirst(), "CodeHeap::_log2_segment_size"), 1, LARGEST_SHIFT));
    }

    private long interpreterSize(long stubs) throws MalformedJvm {
        return between(number(stubs, "StubQueue::_buffer_limit"), 1, LARGEST_INTERPRETER);
    }

    private List<Long> heaps(long list) throws MalformedJvm {
        long count = between(number(list, "GrowableArrayBase::_len"), 1, Limits.CODE_HEAPS);
        long data = word(list, "GrowableArray<int>::_data");
        List<Long> heaps = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            heaps.add(memory.word(data + 8L * i));
        }
        return heaps;
    }

    private List<CodeHeap> codeHeaps(List<Long> heaps) throws MalformedJvm {
        long code = structs.field("CodeHeap::_memory").at();
        long segments = structs.field("CodeHeap::_segmap").at();
        List<CodeHeap> found = new ArrayList<>();
        for (long heap : heaps) {
            found.add(new CodeHeap(
                    word(heap + code, "VirtualSpace::_low"),
                    word(heap + code, "VirtualSpace::_high_boundary"),
                    word(heap + segments, "VirtualSpace::_low")));
        }
        return found;
    }

    /** A field of a block, whose blob begins behind {@code header} bytes. */
    private static BlobField field(VmStructs.Field field, int header) throws MalformedJvm {
        return new BlobField((int) between(header + field.at(), 0, Limits.BLOB_HEAD_BYTES - 1), size(field.type()));
    }

    private static int size(String type) throws MalformedJvm {
        return switch (type) {
            case "bool" -> 1;
            case "int16_t", "u2", "uint16_t" -> 2;
            case "int", "int32_t" -> 4;
            case "address", "const char*" -> 8;
            default -> throw new MalformedJvm("a field of type " + type);
        };
    }

    private static long between(long number, long least, long most) throws MalformedJvm {
        if (number < least || number > most) {
            throw new MalformedJvm(number + " is not between " + least + " and " + most);
        }
        return number;
    }

    private long fixed(String field) throws MalformedJvm {
        return memory.word(structs.field(field).at());
    }

    private long word(long object, String field) throws MalformedJvm {
        return memory.word(object + structs.field(field).at());
    }

    private int number(long object, String field) throws MalformedJvm {
        return memory.number(object + structs.field(field).at());
    }
}
