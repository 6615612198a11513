import java.util.concurrent.locks.LockSupport;
import java.util.function.IntUnaryOperator;
import java.util.zip.CRC32;

/**
 * Stacks of known depth: {@code Deep KIND DEPTH} calls DEPTH methods, each of them once, and burns time in the innermost.
 *
 * <pre>
 *   main ─→ run ─→ down(DEPTH) ─→ … ─→ down(1) ─→ bottom ─→ what KIND says
 * </pre>
 *
 * KIND {@code parks} runs it in a virtual thread, which gives its carrier back in the innermost method every now and then.
 */
public final class Deep {
    private static final byte[] BYTES = new byte[1 << 14];
    private static volatile long sink;
    private static final String[] NAMES = new String[16];
    private static final Object LOCK = new Object();
    private static IntUnaryOperator work;

    public static void main(String[] arguments) throws Exception {
        for (int i = 0; i < NAMES.length; i++) {
            NAMES[i] = "a name that is long enough " + i;
        }
        work = switch (arguments[0]) {
            case "numbers" -> Deep::numbers;
            case "native" -> Deep::checksum;
            case "lambdas" -> x -> numbers(x) + 1;
            case "throws" -> Deep::catches;
            case "strings" -> Deep::strings;
            case "garbage" -> Deep::garbage;
            case "calls" -> Deep::calls;
            case "parks" -> Deep::parks;
            default -> throw new IllegalArgumentException(arguments[0]);
        };
        int depth = Integer.parseInt(arguments[1]);
        System.out.println("ready");
        if (arguments[0].equals("parks")) {
            startVirtualThread(() -> {
                while (true) {
                    sink += run(depth);
                }
            });
            Thread.currentThread().join();
        }
        while (true) {
            sink += run(depth);
        }
    }

    /** Java 17, for which this is compiled, has none. */
    private static void startVirtualThread(Runnable task) throws ReflectiveOperationException {
        Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
    }

    private static int run(int depth) {
        int sum = 0;
        for (int i = 0; i < 100; i++) {
            sum += down(depth, i);
        }
        return sum;
    }

    private static int down(int depth, int x) {
        return depth == 1 ? bottom(x) : down(depth - 1, x + 1) + depth;
    }

    private static int bottom(int x) {
        int sum = 0;
        for (int i = 0; i < 20; i++) {
            sum += work.applyAsInt(x + i);
        }
        return sum;
    }

    private static int numbers(int x) {
        int sum = x;
        for (int i = 0; i < 500; i++) {
            sum = sum * 31 + (i ^ x);
        }
        return sum;
    }

    private static int parks(int x) {
        if ((x & 63) == 0) {
            LockSupport.parkNanos(1);
        }
        return numbers(x);
    }

    private static int checksum(int x) {
        CRC32 crc = new CRC32();
        BYTES[x & 1023]++;
        crc.update(BYTES);
        return (int) crc.getValue();
    }

    private static int catches(int x) {
        try {
            return thrower(x);
        } catch (IllegalStateException e) {
            return e.getMessage().length();
        }
    }

    private static int thrower(int x) {
        if (x >= 0) {
            throw new IllegalStateException("as planned");
        }
        return numbers(x);
    }

    private static int strings(int x) {
        String text = NAMES[x & 15];
        int sum = 0;
        for (String name : NAMES) {
            sum += text.compareTo(name);
        }
        return sum;
    }

    private static int garbage(int x) {
        int[][] arrays = new int[16][];
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] = new int[64 + (x & 63)];
        }
        synchronized (LOCK) {
            return arrays[x & 15].length;
        }
    }

    private static int calls(int x) {
        int sum = 0;
        for (int i = 0; i < 100; i++) {
            sum += fibonacci(6 + (x & 3));
        }
        return sum;
    }

    private static int fibonacci(int n) {
        return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
    }
}
