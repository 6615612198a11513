package io.perfagent.model;

/** Why an address has no name: indexes the counters and appears in the profile. */
public enum SymbolMiss {
    NO_PROCESS("process not known"),
    NO_MAPPING("address in no known mapping"),
    NO_SYMBOL("binary has no symbol there"),
    TOO_MANY_SYMBOLS("symbol table is too large to be read"),
    NO_ROOM("no room in memory for what names it"),
    UNREADABLE_FILE("binary could not be opened"),
    REPLACED_FILE("binary was removed or replaced since it was mapped"),
    BAD_FILE("binary is no ELF file that can be read"),
    NO_PERF_MAP("code in anonymous memory, and the process has no perf map"),
    REFUSED_PERF_MAP("perf map is a link, no regular file, or another user's"),
    NO_MAP_ENTRY("code in anonymous memory that the perf map does not name"),
    CODE_OBJECT_GONE("Python code object gone before it was read"),
    CODE_OBJECT_UNREADABLE("Python code object that could not be read"),
    CODE_OBJECT_TOO_LARGE("Python code object with too long a name or table of lines"),
    NO_CODE_OBJECT("Python frame without a code object"),
    KERNEL_HIDDEN("kernel addresses hidden");

    private final String description;

    SymbolMiss(String description) {
        this.description = description;
    }

    public String description() {
        return description;
    }
}
