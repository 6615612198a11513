package io.perfagent.top;

import io.perfagent.model.CannotStartException;
import io.perfagent.report.Log;
import io.perfagent.thread.Worker;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The thread that has the terminal: it reads keys and draws. The run hands intervals over and never waits for it; keys are answered
 * while an interval is being named.
 *
 * <pre>
 *   main       interval ─→ inbox         interval ─→ inbox           close
 *   top-view   key, draw … take, draw … key, draw … take, draw … q: leave the screen, ask the run to end
 * </pre>
 */
public final class TopView implements AutoCloseable {
    /** A new interval or another size of the window is seen so soon. */
    private static final long LOOK_MILLIS = 100;
    /** A terminal that does not take what is written to it keeps nobody from ending. */
    private static final long LONGEST_LEAVE_MILLIS = 2_000;

    private final String title;
    private final int rate;
    private final Dump dump;
    private final Runnable quit;
    private final Worker worker = new Worker("top-view", "the view", this::work);
    private final Queue<Slice> inbox = new ConcurrentLinkedQueue<>();
    private volatile boolean ended;

    // What follows is of the thread.
    private @Nullable Screen screen;
    private final Settings settings = new Settings();
    private final Window window = new Window();
    private List<String> lost = List.of();
    private Losses losses = Losses.NONE;
    /** Of the last interval, which may be none that is shown. */
    private List<String> newestLost = List.of();

    private Sums shown = new Sums();
    /** What these are sums of. */
    private List<Slice> slices = List.of();

    private String message = "";

    /** Writes the profile of some intervals, the oldest first; returns the name of the file. */
    @FunctionalInterface
    public interface Dump {
        String write(List<Slice> slices) throws CannotStartException;
    }

    /**
     * A view that is not there yet.
     *
     * @param title the targets
     * @param rate samples a second and CPU
     * @param dump writes what is shown to a file
     * @param quit asks the run to end
     */
    public TopView(String title, int rate, Dump dump, Runnable quit) {
        this.title = title;
        this.rate = rate;
        this.dump = dump;
        this.quit = quit;
    }

    /** Takes over the terminal, until it is closed. */
    public void start() throws CannotStartException {
        screen = Screen.open();
        worker.start();
    }

    /** Hands an interval over. */
    public void take(Slice slice) {
        inbox.add(slice);
    }

    /** Throws where the thread has failed. */
    public void check() {
        worker.check();
    }

    /** Gives the terminal back. */
    @Override
    public void close() {
        ended = true;
        boolean _ = worker.join(LONGEST_LEAVE_MILLIS);
    }

    private void work() {
        try (Screen open = Objects.requireNonNull(screen)) {
            show(open);
        } catch (IOException _) {
            // the terminal has gone
        } finally {
            quit.run();
        }
    }

    private void show(Screen open) throws IOException {
        Keys keys = open.keys();
        Screen.Extent drawn = draw(open);
        while (!ended) {
            int key = keys.next(LOOK_MILLIS);
            if (key == Keys.GONE || !obey(key)) {
                return;
            }
            if (takeAll() || key != Keys.NONE || !open.extent().equals(drawn)) {
                drawn = draw(open);
            }
        }
    }

    private Screen.Extent draw(Screen open) throws IOException {
        Screen.Extent extent = open.extent();
        Picture picture = new Picture(title, rate, shown, losses, lost, message);
        open.show(Painter.paint(picture, settings, extent.width(), extent.height()), extent);
        return extent;
    }

    /** Returns whether the run goes on. */
    private boolean obey(int key) {
        if (key == Keys.NONE) {
            return true;
        }
        message = "";
        Span before = settings.span;
        Settings.Wish wish = settings.press(key);
        switch (wish) {
            case QUIT -> {
                return false;
            }
            case PAGE -> message = page();
            case RESET -> window.clear();
            case NOTHING, REDRAW -> {}
        }
        if (before != settings.span || wish == Settings.Wish.RESET || !settings.paused) {
            look();
        }
        return true;
    }

    private boolean takeAll() {
        boolean any = false;
        for (Slice next = inbox.poll(); next != null; next = inbox.poll()) {
            window.add(next);
            newestLost = next.profile().account().lost();
            any = true;
        }
        if (any && !settings.paused) {
            look();
        }
        return any;
    }

    private void look() {
        shown = window.sums(settings.span);
        slices = window.slices(settings.span);
        losses = window.losses();
        lost = newestLost;
    }

    private String page() {
        if (slices.isEmpty()) {
            return "no samples yet";
        }
        try {
            return "written: " + dump.write(slices);
        } catch (CannotStartException e) {
            return Log.oneLine(String.valueOf(e.getMessage()));
        }
    }
}
