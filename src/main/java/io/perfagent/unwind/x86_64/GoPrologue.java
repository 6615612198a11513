package io.perfagent.unwind.x86_64;

/**
 * Where a Go function keeps its caller's rbp, which its tables do not say: read from the instructions where it makes its frame
 * (cmd/internal/obj/x86/obj6.go, {@code preprocess}).
 *
 * <pre>
 *   up to Go 1.20                         later
 *   sub  $D,%rsp                          push %rbp
 *   mov  %rbp,D-8(%rsp)   saved           mov  %rsp,%rbp     saved already
 *   lea  D-8(%rsp),%rbp                   sub  $D-8,%rsp     set
 *   …                     set
 * </pre>
 *
 * @param savedAfter bytes from where the frame is made to where rbp is below the return address; {@link #NEVER}
 * @param setAfter bytes to where rbp points to it
 */
public record GoPrologue(int savedAfter, int setAfter) {
    public static final int NEVER = Integer.MAX_VALUE;
    /** Bytes of code that are looked at, from the one before the frame is made. */
    public static final int BYTES = 17;

    public static final GoPrologue NONE = new GoPrologue(NEVER, NEVER);

    private static final int WORD = 8;
    private static final byte[] PUSH_RBP = {0x55};
    private static final byte[] MOV_RSP_RBP = {0x48, (byte) 0x89, (byte) 0xe5};
    private static final int MOV_RBP = 0x89;
    private static final int LEA_RBP = 0x8d;

    /**
     * Reads the instructions.
     *
     * @param code {@link #BYTES} of it, of which the second is the first that finds the frame made
     * @param delta bytes of the frame
     */
    public static GoPrologue of(byte[] code, int delta) {
        if (delta == WORD && startsWith(code, 0, PUSH_RBP)) {
            return new GoPrologue(0, startsWith(code, 1, MOV_RSP_RBP) ? MOV_RSP_RBP.length : NEVER);
        }
        byte[] save = stackAccess(MOV_RBP, delta - WORD);
        byte[] set = stackAccess(LEA_RBP, delta - WORD);
        if (!startsWith(code, 1, save)) {
            return NONE;
        }
        boolean sets = startsWith(code, 1 + save.length, set);
        return new GoPrologue(save.length, sets ? save.length + set.length : NEVER);
    }

    /** {@code opcode %rbp,displacement(%rsp)}, in the shortest of its three forms. */
    private static byte[] stackAccess(int opcode, int displacement) {
        if (displacement == 0) {
            return new byte[] {0x48, (byte) opcode, 0x2c, 0x24};
        }
        if (displacement == (byte) displacement) {
            return new byte[] {0x48, (byte) opcode, 0x6c, 0x24, (byte) displacement};
        }
        return new byte[] {
            0x48,
            (byte) opcode,
            (byte) 0xac,
            0x24,
            (byte) displacement,
            (byte) (displacement >> 8),
            (byte) (displacement >> 16),
            (byte) (displacement >> 24)
        };
    }

    private static boolean startsWith(byte[] code, int at, byte[] expected) {
        for (int i = 0; i < expected.length; i++) {
            if (code[at + i] != expected[i]) {
                return false;
            }
        }
        return true;
    }
}
