package io.perfagent.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.perfagent.linux.CFunction;
import io.perfagent.linux.Errno;
import io.perfagent.linux.Fd;
import io.perfagent.linux.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A map of the kernel; its keys are of one u32 where they are numbers. */
public final class BpfMap {
    private static final int TYPE_ARRAY = 2;
    private static final int KEY_BYTES = 4;
    private static final int F_MMAPABLE = 1 << 10;
    private static final long CREATE_OPTS_SIZE =
            48; // struct bpf_map_create_opts: size_t sz, 4 × u32, inner fd, flags …
    private static final long CREATE_OPTS_FLAGS = 28;

    private final String name;
    private final int fd;

    BpfMap(String name, int fd) {
        this.name = name;
        this.fd = fd;
    }

    /** Creates an array of one element that can be mapped into our memory; the caller closes it. */
    public static Fd createMappable(String name, int valueSize) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment options = arena.allocate(CREATE_OPTS_SIZE, 8);
            options.set(JAVA_LONG, 0, CREATE_OPTS_SIZE);
            options.set(JAVA_INT, CREATE_OPTS_FLAGS, F_MMAPABLE);
            long called = CFunction.address(arena.allocateFrom(name));
            int fd = Libbpf.MAP_CREATE.callInt(
                    CFunction.errnoIn(arena), TYPE_ARRAY, called, KEY_BYTES, valueSize, 1, CFunction.address(options));
            BpfObject.check("bpf_map_create(" + name + ")", fd);
            return new Fd(fd);
        }
    }

    /** The descriptor, which belongs to the object. */
    public int fd() {
        return fd;
    }

    /** Sets the value of a key; a walker in the kernel sees the old value or the new one. */
    public void put(int key, MemorySegment value) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            put(arena.allocateFrom(JAVA_INT, key), value);
        }
    }

    /** The same with a key of another kind. */
    public void put(MemorySegment key, MemorySegment value) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            long at = CFunction.address(key);
            int result = Libbpf.MAP_UPDATE.callInt(CFunction.errnoIn(arena), fd, at, CFunction.address(value), 0);
            BpfObject.check("update of " + name, result);
        }
    }

    /** Removes a key; without effect where it is not there. */
    public void remove(int key) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            long at = CFunction.address(arena.allocateFrom(JAVA_INT, key));
            int result = Libbpf.MAP_DELETE.callInt(CFunction.errnoIn(arena), fd, at);
            if (-result != Errno.ENOENT.number()) {
                BpfObject.check("removal from " + name, result);
            }
        }
    }

    /** Puts another map into an array of maps. */
    public void put(int key, Fd map) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            put(key, arena.allocateFrom(JAVA_INT, map.number()));
        }
    }

    /** Reads the value of a key into {@code value}, which has the value's size. */
    public void get(int key, MemorySegment value) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            long at = CFunction.address(arena.allocateFrom(JAVA_INT, key));
            int result = Libbpf.MAP_LOOKUP.callInt(CFunction.errnoIn(arena), fd, at, CFunction.address(value));
            BpfObject.check("lookup in " + name, result);
        }
    }
}
