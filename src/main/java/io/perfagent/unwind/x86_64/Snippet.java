package io.perfagent.unwind.x86_64;

/**
 * Bytes of code before and behind an address, and the rule that holds there.
 *
 * @param before values of the bytes that end at the address; −1: any
 * @param behind of those that begin there
 * @param row of {@link io.perfagent.bpf.abi.UnwindRow}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Snippet(int[] before, int[] behind, int row) {
    private static final int ANY = -1;

    /** Bytes in hexadecimal, {@code ??} for any. */
    public static Snippet of(String before, String behind, int row) {
        return new Snippet(bytes(before), bytes(behind), row);
    }

    public boolean matches(byte[] code, int at) {
        return matches(before, code, at - before.length) && matches(behind, code, at);
    }

    private static boolean matches(int[] expected, byte[] code, int from) {
        for (int i = 0; i < expected.length; i++) {
            if (expected[i] != ANY && expected[i] != Byte.toUnsignedInt(code[from + i])) {
                return false;
            }
        }
        return true;
    }

    private static int[] bytes(String hex) {
        if (hex.isEmpty()) {
            return new int[0];
        }
        String[] words = hex.split(" ", -1);
        int[] bytes = new int[words.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = words[i].equals("??") ? ANY : Integer.parseInt(words[i], 16);
        }
        return bytes;
    }
}
