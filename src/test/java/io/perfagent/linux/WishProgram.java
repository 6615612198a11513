package io.perfagent.linux;

/** Computes for a moment, says {@code ready}, and {@code wish} for each signal that asks to end, until it is killed. */
final class WishProgram {
    private static final long COMPUTES_NANOS = 100_000_000;

    private WishProgram() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws InterruptedException {
        Signals.onWishToEnd(() -> System.out.println("wish"));
        long until = System.nanoTime() + COMPUTES_NANOS;
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
        System.out.println("ready");
        Thread.sleep(Long.MAX_VALUE);
    }
}
