package io.perfagent.linux;

/** Says {@code ready}, and {@code wish} for each signal that asks to end, until it is killed. */
final class WishProgram {
    private WishProgram() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws InterruptedException {
        Signals.onWishToEnd(() -> System.out.println("wish"));
        System.out.println("ready");
        Thread.sleep(Long.MAX_VALUE);
    }
}
