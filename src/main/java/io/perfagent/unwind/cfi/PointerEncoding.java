package io.perfagent.unwind.cfi;

/**
 * The pointer encodings of {@code .eh_frame} (LSB core, 10.5.1).
 *
 * <pre>
 *     7        6    4 3     0
 *   +----------+------+-------+
 *   | indirect | base | format|      0xff: no pointer at all
 *   +----------+------+-------+
 * </pre>
 *
 * An indirect pointer gives the address of a pointer; nothing that the tables need is ever encoded so, and it is returned as it
 * stands. Text-relative pointers have no meaning on x86-64 or AArch64.
 */
public final class PointerEncoding {
    static final int ABSOLUTE = 0x00;
    public static final int OMIT = 0xff;

    private static final int PC_RELATIVE = 0x10;
    private static final int DATA_RELATIVE = 0x30;
    private static final int ALIGNED = 0x50;
    private static final int FORMAT = 0x0f;

    private PointerEncoding() {}

    /** @param dataBase what data-relative pointers count from: the address of {@code .eh_frame_hdr} */
    public static long read(ByteCursor cursor, int encoding, long dataBase) throws MalformedCfi {
        int base = encoding & 0x70;
        if (encoding == OMIT) {
            throw new MalformedCfi(CfiError.BAD_POINTER);
        }
        if (base == ALIGNED) {
            cursor.skip(-cursor.address() & 7);
            return cursor.s64();
        }
        long from = base(base, cursor.address(), dataBase);
        return from + readValue(cursor, encoding);
    }

    /** The number alone, as the length of an FDE's range is stored: in the format of its pointer, relative to nothing. */
    public static long readValue(ByteCursor cursor, int encoding) throws MalformedCfi {
        return switch (encoding & FORMAT) {
            case 0x00, 0x04, 0x08, 0x0c -> cursor.s64();
            case 0x01 -> cursor.uleb();
            case 0x02 -> cursor.u16();
            case 0x03 -> cursor.u32();
            case 0x09 -> cursor.sleb();
            case 0x0a -> (short) cursor.u16();
            case 0x0b -> cursor.s32();
            default -> throw new MalformedCfi(CfiError.BAD_POINTER);
        };
    }

    private static long base(int base, long fieldAddress, long dataBase) throws MalformedCfi {
        return switch (base) {
            case ABSOLUTE -> 0;
            case PC_RELATIVE -> fieldAddress;
            case DATA_RELATIVE -> dataBase;
            default -> throw new MalformedCfi(CfiError.BAD_POINTER);
        };
    }
}
