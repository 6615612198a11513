package io.perfagent.bpf;

import io.perfagent.linux.CFunction;
import io.perfagent.linux.Errno;
import io.perfagent.linux.Fd;
import io.perfagent.linux.LinuxException;
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
    private static final long NULL = 0;
    private static final long NOBODY = NULL;
    private static final long NO_OPTIONS = NULL;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment capture = CFunction.errnoIn(arena);
    private final List<Long> links = new ArrayList<>();
    /** Links of programs that run when they are read, and not by themselves. */
    private final List<Long> iterators = new ArrayList<>();
    /** A {@code struct bpf_object *}, as the other addresses that libbpf gives are never looked at. */
    private final long object;

    private boolean open = true;
    private long loadNanos;

    private BpfObject(byte[] image) throws LinuxException {
        MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, image);
        long _ = Libbpf.SET_PRINT.call(capture, NOBODY);
        long began = System.nanoTime(); // the library is loaded by now
        object = Libbpf.OBJECT_OPEN.call(capture, bytes.address(), bytes.byteSize(), NO_OPTIONS);
        if (object == NULL) {
            int errno = CFunction.errno(capture);
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
        return image("cpu.bpf.o");
    }

    /** The bytes of one that is built into the program. */
    static byte[] image(String name) {
        try (InputStream in = BpfObject.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the BPF object " + name + " is not part of this build");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sets the number of entries of a map; before {@link #load}. */
    public void setMaxEntries(String map, int entries) throws LinuxException {
        int result = Libbpf.MAP_SET_MAX_ENTRIES.callInt(capture, findMap(map), entries);
        check("bpf_map__set_max_entries(" + map + ")", result);
    }

    /** Writes a u32 of .rodata, at {@code offset} bytes, before {@link #load}: a constant to the verifier. */
    @SuppressWarnings("restricted")
    public void setConstant(int offset, int value) {
        MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
        long data = Libbpf.MAP_INITIAL_VALUE.call(capture, findMap(".rodata"), size.address());
        MemorySegment.ofAddress(data)
                .reinterpret(size.get(ValueLayout.JAVA_LONG, 0))
                .set(ValueLayout.JAVA_INT, offset, value);
    }

    /** Has the kernel verify and load everything. */
    public void load() throws LinuxException {
        long began = System.nanoTime();
        check("bpf_object__load", Libbpf.OBJECT_LOAD.callInt(capture, object));
        loadNanos += System.nanoTime() - began;
    }

    /** Has a program left out; before {@link #load}. */
    void leaveOut(String program) throws LinuxException {
        int result = Libbpf.PROGRAM_SET_AUTOLOAD.callInt(capture, findProgram(program), 0);
        check("bpf_program__set_autoload(" + program + ")", result);
    }

    /** Whether a program has been loaded, and not left out. */
    public boolean has(String program) {
        return Libbpf.PROGRAM_FD.callInt(capture, findProgram(program)) >= 0;
    }

    /** What opening and loading took in libbpf and in the kernel, nanoseconds. */
    public long loadNanos() {
        return loadNanos;
    }

    /** Has the verifier write its statistics on a program to the log that is returned; before {@link #load}. */
    VerifierLog logStatistics(String program) throws LinuxException {
        MemorySegment text = arena.allocate(VerifierLog.BYTES);
        long of = findProgram(program);
        check(
                "bpf_program__set_log_buf",
                Libbpf.PROGRAM_SET_LOG_BUFFER.callInt(capture, of, text.address(), text.byteSize()));
        check(
                "bpf_program__set_log_level",
                Libbpf.PROGRAM_SET_LOG_LEVEL.callInt(capture, of, VerifierLog.LEVEL_STATISTICS));
        return new VerifierLog(text);
    }

    /** A loaded map; it lives as long as the object. */
    public BpfMap map(String name) throws LinuxException {
        int fd = Libbpf.MAP_FD.callInt(capture, findMap(name));
        check("bpf_map__fd(" + name + ")", fd);
        return new BpfMap(name, fd);
    }

    /** Runs a loaded program at each sample of a perf event, and enables the event. */
    public synchronized void attach(String program, Fd perfEvent) throws LinuxException {
        long link = Libbpf.PROGRAM_ATTACH_PERF_EVENT.call(capture, findProgram(program), perfEvent.number());
        if (link == NULL) {
            throw new LinuxException("bpf_program__attach_perf_event", CFunction.errno(capture));
        }
        links.add(link);
    }

    /** Runs a loaded program at the tracepoint that it is written for. Any thread, as {@link #detach}. */
    public synchronized void attach(String program) throws LinuxException {
        long link = Libbpf.PROGRAM_ATTACH.call(capture, findProgram(program));
        if (link == NULL) {
            throw new LinuxException("bpf_program__attach(" + program + ")", CFunction.errno(capture));
        }
        links.add(link);
    }

    /** Runs a loaded program once, while a CPU does nothing else, and returns when it has run; without effect where the CPU is offline. */
    public void runOn(int cpu, String program) throws LinuxException {
        MemorySegment options = arena.allocate(TestRun.LAYOUT);
        TestRun.onCpu(options, cpu);
        int fd = Libbpf.PROGRAM_FD.callInt(capture, findProgram(program));
        int result = Libbpf.PROGRAM_TEST_RUN.callInt(capture, fd, options.address());
        if (-result != Errno.ENXIO.number()) {
            check("run of " + program + " on CPU " + cpu, result);
        }
    }

    /** How often a loaded program was not run where it should have been, for it was running on that CPU already. */
    public long passedOver(String program) throws LinuxException {
        return ProgramInfo.recursionMisses(capture, Libbpf.PROGRAM_FD.callInt(capture, findProgram(program)));
    }

    /** Has a loaded program run over what there is in the kernel, each time that it is read. */
    public BpfIterator iterate(String program) throws LinuxException {
        long link = Libbpf.PROGRAM_ATTACH_ITERATOR.call(capture, findProgram(program), NO_OPTIONS);
        if (link == NULL) {
            throw new LinuxException("bpf_program__attach_iter(" + program + ")", CFunction.errno(capture));
        }
        iterators.add(link);
        return new BpfIterator(program, Libbpf.LINK_FD.callInt(capture, link));
    }

    /** Takes all programs off their events; no sample comes after this. libbpf closes the events' descriptors. */
    public synchronized void detach() {
        destroy(links);
    }

    private void destroy(List<Long> all) {
        for (long link : all.reversed()) {
            long _ = Libbpf.LINK_DESTROY.call(capture, link);
        }
        all.clear();
    }

    @Override
    public void close() {
        if (!open) {
            return;
        }
        open = false;
        detach();
        destroy(iterators);
        long _ = Libbpf.OBJECT_CLOSE.call(capture, object);
        arena.close();
    }

    long findProgram(String name) {
        MemorySegment called = arena.allocateFrom(name);
        return found(name, Libbpf.OBJECT_FIND_PROGRAM.call(capture, object, called.address()));
    }

    private long findMap(String name) {
        MemorySegment called = arena.allocateFrom(name);
        return found(name, Libbpf.OBJECT_FIND_MAP.call(capture, object, called.address()));
    }

    private static long found(String name, long pointer) {
        if (pointer == NULL) {
            throw new IllegalStateException("the BPF object has no " + name);
        }
        return pointer;
    }

    static void check(String call, int result) throws LinuxException {
        if (result < 0) {
            throw new LinuxException(call, -result);
        }
    }
}
