package io.perfagent.unwind.x86_64.flow;

import io.perfagent.model.CodeMemory;

/** Code that ends where its page does; nothing of what is around it can be read. */
final class Bytes implements CodeMemory {
    private static final long PAGE_END = 0x7f00_0001_0000L;

    private final byte[] code;
    private final long address;

    Bytes(byte[] code, long address) {
        this.code = code;
        this.address = address;
    }

    static Bytes of(byte[] code) {
        return new Bytes(code, PAGE_END - code.length);
    }

    long address() {
        return address;
    }

    @Override
    public boolean read(long from, byte[] to, int at, int length) {
        long position = from - address;
        boolean there = position >= 0 && position <= code.length - length;
        if (there) {
            System.arraycopy(code, (int) position, to, at, length);
        }
        return there;
    }
}
