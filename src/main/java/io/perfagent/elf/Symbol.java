package io.perfagent.elf;

/**
 * A defined symbol.
 *
 * @param name without its version
 * @param address ELF address
 * @param size bytes, 0 where unknown
 * @param type STT_…
 * @param binding STB_…: 0 local, 1 global, 2 weak
 */
public record Symbol(String name, long address, long size, int type, int binding) {
    public static final int STT_OBJECT = 1;
    public static final int STT_FUNC = 2;
    public static final int STT_TLS = 6;
    public static final int STT_GNU_IFUNC = 10;
}
