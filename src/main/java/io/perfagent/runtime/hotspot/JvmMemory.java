package io.perfagent.runtime.hotspot;

import io.perfagent.model.CodeMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** A JVM's memory as words and strings, each page read once: what is read here does not change. */
final class JvmMemory {
    private static final int PAGE = 4096;
    /** Those of all tables of JDK 25 are 60. */
    private static final int MOST_PAGES = 1024;

    private static final int LONGEST_STRING = 256;

    private final CodeMemory memory;
    private final Map<Long, ByteBuffer> pages = new HashMap<>();

    JvmMemory(CodeMemory memory) {
        this.memory = memory;
    }

    long word(long address) throws MalformedJvm {
        return address % 8 == 0 ? page(address).getLong(inPage(address)) : unaligned(address);
    }

    int number(long address) throws MalformedJvm {
        return address % 4 == 0 ? page(address).getInt(inPage(address)) : unaligned(address);
    }

    /** The string at an address; {@code ""} at 0. */
    String string(long address) throws MalformedJvm {
        if (address == 0) {
            return "";
        }
        byte[] bytes = new byte[LONGEST_STRING];
        for (int i = 0; i < LONGEST_STRING; i++) {
            bytes[i] = page(address + i).get(inPage(address + i));
            if (bytes[i] == 0) {
                return new String(bytes, 0, i, StandardCharsets.UTF_8);
            }
        }
        throw new MalformedJvm("a name of more than " + LONGEST_STRING + " bytes");
    }

    private static int inPage(long address) {
        return (int) address & (PAGE - 1);
    }

    private static int unaligned(long address) throws MalformedJvm {
        throw new MalformedJvm("a number at 0x" + Long.toHexString(address));
    }

    private ByteBuffer page(long address) throws MalformedJvm {
        long start = address & -PAGE;
        ByteBuffer known = pages.get(start);
        return known != null ? known : read(start);
    }

    private ByteBuffer read(long start) throws MalformedJvm {
        byte[] bytes = new byte[PAGE];
        if (pages.size() >= MOST_PAGES || !memory.read(start, bytes, 0, PAGE)) {
            throw new MalformedJvm("no memory at 0x" + Long.toHexString(start));
        }
        ByteBuffer page = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        pages.put(start, page);
        return page;
    }
}
