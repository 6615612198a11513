package io.perfagent.unwind.cfi;

/**
 * Reads a CIE (LSB core, 10.6.1.1), without running its instructions.
 *
 * <pre>
 *   version │ augmentation "zPLR" NUL │ [8 bytes if "eh"] │ [address, segment size if version 4] │ code alignment
 *   │ data alignment │ return address column │ [length and data of the augmentation if 'z'] │ initial instructions
 * </pre>
 */
public final class CieReader {
    private static final int MAX_CODE_ALIGNMENT = 255;

    private final ByteCursor cursor;
    private final long dataBase;

    private boolean augmented;
    private boolean old;
    private boolean signalFrame;
    private int pointerEncoding;

    public CieReader(ByteCursor cursor, long dataBase) {
        this.cursor = cursor;
        this.dataBase = dataBase;
    }

    /**
     * @param from position of the version
     * @param to end of the entry
     */
    public Cie read(int from, int to) throws MalformedCfi {
        cursor.window(from, to);
        int version = version(cursor.u8());
        int letters = cursor.position();
        readAugmentation();
        cursor.skip(old ? 8 : 0);
        cursor.skip(version == 4 ? 2 : 0);
        int codeAlignment = within(cursor.uleb(), 1, MAX_CODE_ALIGNMENT);
        int dataAlignment = within(cursor.sleb(), Short.MIN_VALUE, Short.MAX_VALUE);
        int returnAddress = version == 1 ? cursor.u8() : within(cursor.uleb(), 0, Integer.MAX_VALUE);
        int instructions = augmented ? readAugmentationData(letters, to) : cursor.position();
        return new Cie(
                codeAlignment,
                dataAlignment,
                returnAddress,
                pointerEncoding,
                augmented,
                signalFrame,
                instructions,
                to,
                new FrameState());
    }

    /** Reads over the letters: {@code z…}, {@code eh} or nothing; of others the length is unknown. */
    private void readAugmentation() throws MalformedCfi {
        pointerEncoding = PointerEncoding.ABSOLUTE;
        signalFrame = false;
        int first = cursor.u8();
        augmented = first == 'z';
        old = first == 'e';
        check(augmented || (old && cursor.u8() == 'h') || first == 0);
        int next = first;
        while (next != 0) {
            next = cursor.u8();
            check(augmented || next == 0);
        }
    }

    /** Returns where the instructions begin. The length lets letters that we do not know be skipped, with all after them. */
    private int readAugmentationData(int letters, int to) throws MalformedCfi {
        long length = cursor.uleb();
        int data = cursor.position();
        cursor.skip(length);
        int instructions = cursor.position();
        int letter = letters + 1;
        int at = data;
        while (at >= 0) {
            int kind = cursor.window(letter++, data).u8();
            at = readLetter(kind, cursor.window(at, instructions));
        }
        cursor.window(instructions, to);
        return instructions;
    }

    /** Returns where the next letter's data begins, −1 where it cannot be known. */
    private int readLetter(int letter, ByteCursor data) throws MalformedCfi {
        switch (letter) {
            case 'R' -> pointerEncoding = data.u8();
            case 'L' -> data.skip(1);
            case 'P' -> skipPersonality(data);
            case 'S' -> signalFrame = true;
            case 'B' -> {} // AArch64: return addresses are signed with key B
            default -> {
                return -1;
            }
        }
        return data.position();
    }

    private void skipPersonality(ByteCursor data) throws MalformedCfi {
        int encoding = data.u8();
        if (encoding != PointerEncoding.OMIT) {
            PointerEncoding.read(data, encoding, dataBase);
        }
    }

    private static int version(int version) throws MalformedCfi {
        check(version == 1 || version == 3 || version == 4);
        return version;
    }

    private static int within(long value, int least, int most) throws MalformedCfi {
        check(value >= least && value <= most);
        return (int) value;
    }

    private static void check(boolean good) throws MalformedCfi {
        if (!good) {
            throw new MalformedCfi(CfiError.BAD_CIE);
        }
    }
}
