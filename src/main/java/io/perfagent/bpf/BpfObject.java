package io.perfagent.bpf;

import io.perfagent.linux.Fd;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.Native;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A BPF object: opened, sized, loaded, attached, closed, in this order. Closing it detaches its programs and frees its maps.
 *
 * <pre>
 *   open ──→ setMaxEntries, setVariable ──→ load ──→ map, attach ──→ close
 * </pre>
 */
public final class BpfObject implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment capture = arena.allocate(Native.CAPTURE);
    private final List<MemorySegment> links = new ArrayList<>();
    private final MemorySegment object;
    private boolean open = true;
    private long loadNanos;

    private BpfObject(byte[] image) throws LinuxException {
        MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, image);
        long began;
        try {
            MemorySegment _ = (MemorySegment) Libbpf.SET_PRINT.invokeExact(capture, MemorySegment.NULL);
            began = System.nanoTime(); // the bindings are linked by now
            object = (MemorySegment)
                    Libbpf.OBJECT_OPEN.invokeExact(capture, bytes, bytes.byteSize(), MemorySegment.NULL);
        } catch (Throwable e) {
            arena.close();
            throw passOn(e);
        }
        if (object.address() == 0) {
            int errno = Native.errno(capture);
            arena.close();
            throw new LinuxException("bpf_object__open", errno);
        }
        loadNanos = System.nanoTime() - began;
    }

    /** Opens an object file's bytes; throws {@link LibbpfMissingException} where there is no libbpf to do it. */
    public static BpfObject open(byte[] image) throws LinuxException {
        LibbpfFile.require();
        return new BpfObject(image);
    }

    /** Opens the sampler's object, which is built into the program. */
    public static BpfObject openSampler() throws LinuxException {
        return open(samplerImage());
    }

    /** The bytes of the sampler's object. */
    static byte[] samplerImage() {
        try (InputStream in = BpfObject.class.getResourceAsStream("cpu.bpf.o")) {
            if (in == null) {
                throw new IllegalStateException("the BPF object is not part of this build");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sets the number of entries of a map; before {@link #load}. */
    public void setMaxEntries(String map, int entries) throws LinuxException {
        try {
            check("bpf_map__set_max_entries(" + map + ")", (int)
                    Libbpf.MAP_SET_MAX_ENTRIES.invokeExact(capture, findMap(map), entries));
        } catch (Throwable e) {
            throw passOn(e);
        }
    }

    /** Writes a u32 of .rodata, at {@code offset} bytes, before {@link #load}: a constant to the verifier. */
    @SuppressWarnings("restricted")
    public void setConstant(int offset, int value) throws LinuxException {
        try {
            MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment data =
                    (MemorySegment) Libbpf.MAP_INITIAL_VALUE.invokeExact(capture, findMap(".rodata"), size);
            data.reinterpret(size.get(ValueLayout.JAVA_LONG, 0)).set(ValueLayout.JAVA_INT, offset, value);
        } catch (Throwable e) {
            throw passOn(e);
        }
    }

    /** Has the kernel verify and load everything. */
    public void load() throws LinuxException {
        long began = System.nanoTime();
        try {
            check("bpf_object__load", (int) Libbpf.OBJECT_LOAD.invokeExact(capture, object));
        } catch (Throwable e) {
            throw passOn(e);
        }
        loadNanos += System.nanoTime() - began;
    }

    /** Has a program left out; before {@link #load}. */
    void leaveOut(String program) throws LinuxException {
        try {
            check("bpf_program__set_autoload(" + program + ")", (int)
                    Libbpf.PROGRAM_SET_AUTOLOAD.invokeExact(capture, findProgram(program), false));
        } catch (Throwable e) {
            throw passOn(e);
        }
    }

    /** What opening and loading took in libbpf and in the kernel, nanoseconds. */
    public long loadNanos() {
        return loadNanos;
    }

    /** Has the verifier write its statistics on a program to the log that is returned; before {@link #load}. */
    VerifierLog logStatistics(String program) throws LinuxException {
        MemorySegment text = arena.allocate(VerifierLog.BYTES);
        try {
            MemorySegment of = findProgram(program);
            check("bpf_program__set_log_buf", (int)
                    Libbpf.PROGRAM_SET_LOG_BUFFER.invokeExact(capture, of, text, text.byteSize()));
            check("bpf_program__set_log_level", (int)
                    Libbpf.PROGRAM_SET_LOG_LEVEL.invokeExact(capture, of, VerifierLog.LEVEL_STATISTICS));
            return new VerifierLog(text);
        } catch (Throwable e) {
            throw passOn(e);
        }
    }

    /** A loaded map; it lives as long as the object. */
    public BpfMap map(String name) throws LinuxException {
        try {
            int fd = (int) Libbpf.MAP_FD.invokeExact(capture, findMap(name));
            check("bpf_map__fd(" + name + ")", fd);
            return new BpfMap(name, fd);
        } catch (Throwable e) {
            throw passOn(e);
        }
    }

    /** Runs a loaded program at each sample of a perf event, and enables the event. */
    public void attach(String program, Fd perfEvent) throws LinuxException {
        try {
            MemorySegment link = (MemorySegment)
                    Libbpf.PROGRAM_ATTACH_PERF_EVENT.invokeExact(capture, findProgram(program), perfEvent.number());
            if (link.address() == 0) {
                throw new LinuxException("bpf_program__attach_perf_event", Native.errno(capture));
            }
            links.add(link);
        } catch (Throwable e) {
            throw passOn(e);
        }
    }

    /** Has a loaded program run over what there is in the kernel, each time that it is read. */
    public BpfIterator iterate(String program) throws LinuxException {
        try {
            MemorySegment link = (MemorySegment)
                    Libbpf.PROGRAM_ATTACH_ITERATOR.invokeExact(capture, findProgram(program), MemorySegment.NULL);
            if (link.address() == 0) {
                throw new LinuxException("bpf_program__attach_iter(" + program + ")", Native.errno(capture));
            }
            links.add(link);
            return new BpfIterator(program, (int) Libbpf.LINK_FD.invokeExact(capture, link));
        } catch (Throwable e) {
            throw passOn(e);
        }
    }

    /** Takes all programs off their events; no sample comes after this. libbpf closes the events' descriptors. */
    public void detach() {
        for (MemorySegment link : links.reversed()) {
            try {
                int _ = (int) Libbpf.LINK_DESTROY.invokeExact(capture, link);
            } catch (Throwable e) {
                throw Native.unexpected(e);
            }
        }
        links.clear();
    }

    @Override
    public void close() {
        if (!open) {
            return;
        }
        open = false;
        detach();
        try {
            Libbpf.OBJECT_CLOSE.invokeExact(capture, object);
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
        arena.close();
    }

    MemorySegment findProgram(String name) throws LinuxException {
        try {
            return found(name, (MemorySegment)
                    Libbpf.OBJECT_FIND_PROGRAM.invokeExact(capture, object, arena.allocateFrom(name)));
        } catch (Throwable e) {
            throw passOn(e);
        }
    }

    private MemorySegment findMap(String name) throws LinuxException {
        try {
            return found(name, (MemorySegment)
                    Libbpf.OBJECT_FIND_MAP.invokeExact(capture, object, arena.allocateFrom(name)));
        } catch (Throwable e) {
            throw passOn(e);
        }
    }

    private static MemorySegment found(String name, MemorySegment pointer) {
        if (pointer.address() == 0) {
            throw new IllegalStateException("the BPF object has no " + name);
        }
        return pointer;
    }

    static void check(String call, int result) throws LinuxException {
        if (result < 0) {
            throw new LinuxException(call, -result);
        }
    }

    static RuntimeException passOn(Throwable e) throws LinuxException {
        if (e instanceof LinuxException failure) {
            throw failure;
        }
        return e instanceof RuntimeException fault ? fault : Native.unexpected(e);
    }
}
