package io.perfagent.python.life;

import io.perfagent.process.Image;
import io.perfagent.process.ProcessListener;
import java.util.Collection;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a run knows of the processes that are meant, and when stopping one hurts least. Safe for use by several threads. */
public interface ProcessFeed {
    /** Tells of what happens to them, from now on. */
    void listen(ProcessListener listener);

    /** Has something done with what has ended, once its names have been read. */
    void afterNaming(Consumer<Image> action);

    /** All that run code. */
    Collection<Image> running();

    /** What runs under a PID now; null where that is not known, or has ended. */
    @Nullable
    Image running(int pid);

    /** Returns when nothing else fills this process's heap, or that takes too long. */
    void awaitCalm();

    /** What {@link #awaitCalm} was asked for is done. */
    void endCalm();
}
