package io.perfagent.python.inject.aarch64;

import io.perfagent.linux.Errno;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.Ptrace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a thread may have beyond the registers that the routine's signal frame holds (Documentation/arch/arm64/sve.rst, sme.rst, gcs.rst):
 *
 * <pre>
 *   NT_ARM_SVE 0x405, NT_ARM_SSVE 0x40b   user_sve_header: 0 size u32 │ … │ 12 flags u16: bit 0 = the registers are live
 *   NT_ARM_ZA  0x40c                      user_za_header:  0 size u32, more than the header = the array is live
 *   NT_ARM_GCS 0x410                      user_gcs:        0 features u64: bit 0 = return addresses are checked
 * </pre>
 *
 * A thread with live SVE registers has more in them than the 128 bits of each that any C function keeps; one that slept in a system call
 * has none. In streaming mode, or with ZA live, a C function may not simply be called. With a guarded control stack, rt_sigreturn needs
 * a token there that only the kernel writes.
 */
final class ExtendedState {
    private static final int NT_ARM_SVE = 0x405;
    private static final int NT_ARM_SSVE = 0x40b;
    private static final int NT_ARM_ZA = 0x40c;
    private static final int NT_ARM_GCS = 0x410;
    private static final int HEADER_BYTES = 16;
    private static final int FLAGS = 12;

    private ExtendedState() {}

    /** Whether a stopped thread has any of it. */
    static boolean isLive(Ptrace ptrace, int tid) throws LinuxException {
        return hasLiveVectors(registers(ptrace, tid, NT_ARM_SVE))
                || hasLiveVectors(registers(ptrace, tid, NT_ARM_SSVE))
                || hasLiveArray(registers(ptrace, tid, NT_ARM_ZA))
                || checksReturns(registers(ptrace, tid, NT_ARM_GCS));
    }

    static boolean hasLiveVectors(ByteBuffer sve) {
        return sve.limit() >= HEADER_BYTES && (sve.getShort(FLAGS) & 1) != 0;
    }

    static boolean hasLiveArray(ByteBuffer za) {
        return za.limit() >= HEADER_BYTES && Integer.compareUnsigned(za.getInt(0), HEADER_BYTES) > 0;
    }

    static boolean checksReturns(ByteBuffer gcs) {
        return gcs.limit() >= Long.BYTES && (gcs.getLong(0) & 1) != 0;
    }

    /** Its first bytes, empty where processor or kernel do not have the set. */
    private static ByteBuffer registers(Ptrace ptrace, int tid, int set) throws LinuxException {
        try {
            ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            return header.limit(ptrace.registers(tid, set, header.array()));
        } catch (LinuxException e) {
            if (e.errno() == Errno.EINVAL || e.errno() == Errno.ENODEV) {
                return ByteBuffer.allocate(0);
            }
            throw e;
        }
    }
}
