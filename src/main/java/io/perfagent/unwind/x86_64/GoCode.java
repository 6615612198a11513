package io.perfagent.unwind.x86_64;

/** Functions of Go's runtime that are told by their instructions (runtime/asm_amd64.s, runtime/sys_linux_amd64.s). */
public final class GoCode {
    /** Bytes that are looked at. */
    public static final int BYTES = 9;

    private static final int CALL_END = 6;

    /** {@code mov $15,%rax; syscall}: rt_sigreturn. */
    private static final Snippet RESTORER = Snippet.of("", "48 c7 c0 0f 00 00 00 0f 05", 0);
    /** {@code nop; call goexit1; nop}. */
    private static final Snippet GOEXIT = Snippet.of("", "90 e8 ?? ?? ?? ?? 90", 0);

    private GoCode() {}

    /** Whether the function is where a signal handler returns to. */
    public static boolean returnsFromSignal(byte[] code) {
        return RESTORER.matches(code, 0);
    }

    /** Whether the code may be that of {@code runtime.goexit}. */
    public static boolean mayBeGoexit(byte[] code) {
        return GOEXIT.matches(code, 0);
    }

    /** What {@code runtime.goexit} at an address calls. */
    public static long calledByGoexit(byte[] code, long address) {
        int distance = (code[2] & 0xff) | (code[3] & 0xff) << 8 | (code[4] & 0xff) << 16 | code[5] << 24;
        return address + CALL_END + distance;
    }
}
