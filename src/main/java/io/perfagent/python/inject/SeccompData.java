package io.perfagent.python.inject;

import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A system call as a filter sees it, struct seccomp_data (linux/seccomp.h), as far as it is known beforehand:
 *
 * <pre>
 *   0 number   4 architecture   8 instruction pointer   16 … 63 six arguments
 * </pre>
 *
 * @param architecture its AUDIT_ARCH
 * @param arguments empty ones are not known, nor are those that are left out
 */
record SeccompData(int number, int architecture, List<OptionalLong> arguments) {
    static final int BYTES = 64;
    private static final int ARGUMENTS = 16;

    /** Empty where it is not known before the call is made. */
    OptionalInt word(int offset) {
        return switch (offset) {
            case 0 -> OptionalInt.of(number);
            case 4 -> OptionalInt.of(architecture);
            default -> offset < ARGUMENTS ? OptionalInt.empty() : argument((offset - ARGUMENTS) / Long.BYTES, offset);
        };
    }

    private OptionalInt argument(int index, int offset) {
        OptionalLong value = index < arguments.size() ? arguments.get(index) : OptionalLong.empty();
        return value.isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(
                        (int) (offset % Long.BYTES == 0 ? value.getAsLong() : value.getAsLong() >>> Integer.SIZE));
    }
}
