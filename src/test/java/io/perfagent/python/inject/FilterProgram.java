package io.perfagent.python.inject;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A seccomp filter written by hand, as linux/filter.h has it. */
final class FilterProgram {
    static final int LOAD = 0x20;
    static final int EQUAL = 0x15;
    static final int AT_LEAST = 0x35;
    static final int ANY_BIT = 0x45;
    static final int RETURN = 0x06;
    static final int ALLOW = 0x7fff0000;
    static final int KILL_PROCESS = 0x80000000;
    static final int ERRNO = 0x00050000;

    private final ByteBuffer bytes = ByteBuffer.allocate(5000 * 8).order(ByteOrder.LITTLE_ENDIAN);

    FilterProgram then(int code, int ifTrue, int ifFalse, int k) {
        bytes.putShort((short) code).put((byte) ifTrue).put((byte) ifFalse).putInt(k);
        return this;
    }

    FilterProgram then(int code, int k) {
        return then(code, 0, 0, k);
    }

    ByteBuffer bytes() {
        return bytes.duplicate().flip();
    }

    SeccompFilter parsed() {
        return SeccompFilter.parse(bytes());
    }

    /** As libseccomp begins: another architecture is killed, and so are numbers of the x32 ABI. */
    static FilterProgram forX86() {
        return new FilterProgram()
                .then(LOAD, 4)
                .then(EQUAL, 1, 0, 0xc000003e)
                .then(RETURN, KILL_PROCESS)
                .then(LOAD, 0)
                .then(AT_LEAST, 0, 1, 0x40000000)
                .then(RETURN, KILL_PROCESS);
    }

    /** Answers one call otherwise than the rest. */
    static FilterProgram except(int number, int answer) {
        return forX86().then(EQUAL, 0, 1, number).then(RETURN, answer).then(RETURN, ALLOW);
    }
}
