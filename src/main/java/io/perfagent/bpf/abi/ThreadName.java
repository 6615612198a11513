package io.perfagent.bpf.abi;

import java.nio.charset.StandardCharsets;

/** The comm of a thread as two words, and as text: samples mostly have the name of the one before. */
record ThreadName(long first, long second, String text) {
    /** Whichever thread has made it. */
    private static volatile ThreadName last = new ThreadName(0, 0, "");

    /** What 16 bytes say up to the first that is 0, by UTF-8. */
    static String of(long first, long second) {
        ThreadName known = last;
        if (known.first != first || known.second != second) {
            known = new ThreadName(first, second, decoded(first, second));
            last = known;
        }
        return known.text;
    }

    private static String decoded(long first, long second) {
        byte[] text = new byte[2 * Long.BYTES];
        int size = 0;
        while (size < text.length) {
            byte next = (byte) ((size < Long.BYTES ? first : second) >>> (size % Long.BYTES * Byte.SIZE));
            if (next == 0) {
                break;
            }
            text[size++] = next;
        }
        return new String(text, 0, size, StandardCharsets.UTF_8);
    }
}
