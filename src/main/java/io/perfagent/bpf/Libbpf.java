package io.perfagent.bpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The functions of libbpf 1.x that are called ({@code bpf/libbpf.h}, {@code bpf/bpf.h}). Those that return a pointer leave
 * errno when it is null; those that return an int return the negative error number. Each handle takes the segment for errno
 * first.
 */
@SuppressWarnings("restricted")
final class Libbpf {
    private static final SymbolLookup LIBRARY = LibbpfFile.open();

    static final MethodHandle OBJECT_OPEN = link("bpf_object__open_mem", ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
    static final MethodHandle OBJECT_LOAD = link("bpf_object__load", JAVA_INT, ADDRESS);
    static final MethodHandle OBJECT_CLOSE = linkVoid("bpf_object__close", ADDRESS);
    static final MethodHandle OBJECT_FIND_MAP = link("bpf_object__find_map_by_name", ADDRESS, ADDRESS, ADDRESS);
    static final MethodHandle OBJECT_FIND_PROGRAM = link("bpf_object__find_program_by_name", ADDRESS, ADDRESS, ADDRESS);
    static final MethodHandle MAP_FD = link("bpf_map__fd", JAVA_INT, ADDRESS);
    static final MethodHandle MAP_SET_MAX_ENTRIES = link("bpf_map__set_max_entries", JAVA_INT, ADDRESS, JAVA_INT);
    static final MethodHandle MAP_INITIAL_VALUE = link("bpf_map__initial_value", ADDRESS, ADDRESS, ADDRESS);
    static final MethodHandle PROGRAM_ATTACH_PERF_EVENT =
            link("bpf_program__attach_perf_event", ADDRESS, ADDRESS, JAVA_INT);
    static final MethodHandle PROGRAM_SET_AUTOLOAD = link("bpf_program__set_autoload", JAVA_INT, ADDRESS, JAVA_BOOLEAN);
    static final MethodHandle PROGRAM_ATTACH_ITERATOR = link("bpf_program__attach_iter", ADDRESS, ADDRESS, ADDRESS);
    static final MethodHandle LINK_FD = link("bpf_link__fd", JAVA_INT, ADDRESS);
    static final MethodHandle ITERATOR_CREATE = link("bpf_iter_create", JAVA_INT, JAVA_INT);
    static final MethodHandle LINK_DESTROY = link("bpf_link__destroy", JAVA_INT, ADDRESS);
    static final MethodHandle MAP_CREATE =
            link("bpf_map_create", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    static final MethodHandle MAP_UPDATE = link("bpf_map_update_elem", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
    static final MethodHandle MAP_LOOKUP = link("bpf_map_lookup_elem", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    static final MethodHandle MAP_DELETE = link("bpf_map_delete_elem", JAVA_INT, JAVA_INT, ADDRESS);
    static final MethodHandle PROGRAM_SET_LOG_BUFFER =
            link("bpf_program__set_log_buf", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
    static final MethodHandle PROGRAM_SET_LOG_LEVEL = link("bpf_program__set_log_level", JAVA_INT, ADDRESS, JAVA_INT);
    static final MethodHandle SET_PRINT = link("libbpf_set_print", ADDRESS, ADDRESS);

    private Libbpf() {}

    private static MethodHandle link(String name, ValueLayout result, MemoryLayout... arguments) {
        return link(name, FunctionDescriptor.of(result, arguments));
    }

    private static MethodHandle linkVoid(String name, MemoryLayout... arguments) {
        return link(name, FunctionDescriptor.ofVoid(arguments));
    }

    private static MethodHandle link(String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker()
                .downcallHandle(LIBRARY.findOrThrow(name), descriptor, Linker.Option.captureCallState("errno"));
    }
}
