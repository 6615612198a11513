package io.perfagent.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.perfagent.linux.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What the kernel says of a loaded program: {@code struct bpf_prog_info} of {@code include/uapi/linux/bpf.h}. */
final class ProgramInfo {
    /** Up to the field; kernels before 5.12 know none of it. */
    private static final long RECURSION_MISSES = 208;

    private static final long BYTES = RECURSION_MISSES + Long.BYTES;

    private ProgramInfo() {}

    /** How often it was not run, for it was running on that CPU already. */
    static long recursionMisses(MemorySegment capture, int program) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(BYTES, Long.BYTES);
            MemorySegment size = arena.allocateFrom(JAVA_INT, (int) BYTES);
            BpfObject.check(
                    "bpf_obj_get_info_by_fd",
                    Libbpf.OBJECT_INFO.callInt(capture, program, info.address(), size.address()));
            return info.get(JAVA_LONG, RECURSION_MISSES);
        }
    }
}
