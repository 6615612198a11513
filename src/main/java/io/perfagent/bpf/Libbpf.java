package io.perfagent.bpf;

import io.perfagent.linux.CFunction;
import java.lang.foreign.SymbolLookup;

/**
 * The functions of libbpf 1.x that are called ({@code bpf/libbpf.h}, {@code bpf/bpf.h}). Those that return a pointer leave
 * errno when it is null; those that return an int return the negative error number.
 */
final class Libbpf {
    private static final SymbolLookup LIBRARY = LibbpfFile.open();

    static final CFunction OBJECT_OPEN = link("bpf_object__open_mem");
    static final CFunction OBJECT_LOAD = link("bpf_object__load");
    static final CFunction OBJECT_CLOSE = link("bpf_object__close");
    static final CFunction OBJECT_FIND_MAP = link("bpf_object__find_map_by_name");
    static final CFunction OBJECT_FIND_PROGRAM = link("bpf_object__find_program_by_name");
    static final CFunction MAP_FD = link("bpf_map__fd");
    static final CFunction MAP_SET_MAX_ENTRIES = link("bpf_map__set_max_entries");
    static final CFunction MAP_INITIAL_VALUE = link("bpf_map__initial_value");
    static final CFunction PROGRAM_ATTACH_PERF_EVENT = link("bpf_program__attach_perf_event");
    static final CFunction PROGRAM_ATTACH = link("bpf_program__attach");
    static final CFunction PROGRAM_FD = link("bpf_program__fd");
    static final CFunction OBJECT_INFO = link("bpf_obj_get_info_by_fd");
    static final CFunction PROGRAM_TEST_RUN = link("bpf_prog_test_run_opts");
    static final CFunction PROGRAM_SET_AUTOLOAD = link("bpf_program__set_autoload");
    static final CFunction PROGRAM_ATTACH_ITERATOR = link("bpf_program__attach_iter");
    static final CFunction LINK_FD = link("bpf_link__fd");
    static final CFunction ITERATOR_CREATE = link("bpf_iter_create");
    static final CFunction LINK_DESTROY = link("bpf_link__destroy");
    static final CFunction MAP_CREATE = link("bpf_map_create");
    static final CFunction MAP_UPDATE = link("bpf_map_update_elem");
    static final CFunction MAP_LOOKUP = link("bpf_map_lookup_elem");
    static final CFunction MAP_DELETE = link("bpf_map_delete_elem");
    static final CFunction PROGRAM_SET_LOG_BUFFER = link("bpf_program__set_log_buf");
    static final CFunction PROGRAM_SET_LOG_LEVEL = link("bpf_program__set_log_level");
    static final CFunction FIND_KERNEL_TYPE = link("libbpf_find_vmlinux_btf_id");
    static final CFunction SET_PRINT = link("libbpf_set_print");

    private Libbpf() {}

    private static CFunction link(String name) {
        return CFunction.of(LIBRARY, name);
    }
}
