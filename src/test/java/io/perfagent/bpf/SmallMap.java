package io.perfagent.bpf;

import io.perfagent.linux.Fd;
import io.perfagent.linux.LinuxException;

/** A map of the kernel that is full when it has one entry, of number 0. */
public final class SmallMap {
    private SmallMap() {}

    public static Fd create() throws LinuxException {
        return BpfMap.createMappable("small", Integer.BYTES);
    }

    public static BpfMap of(Fd fd) {
        return new BpfMap("small", fd.number());
    }
}
