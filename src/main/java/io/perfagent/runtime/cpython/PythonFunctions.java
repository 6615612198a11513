package io.perfagent.runtime.cpython;

import io.perfagent.model.Budget;
import io.perfagent.model.GilUse;
import io.perfagent.model.Location;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.RuntimeFrames;
import io.perfagent.model.Sample;
import io.perfagent.model.SymbolMiss;
import io.perfagent.model.WalkEnd;
import io.perfagent.process.Image;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The functions of the Pythons of a run. Each code object is read once, as soon as a sample has met it, for it may be gone a moment later:
 *
 * <pre>
 *   sample-reader   met ──→ the code objects of a process by address and tag
 *   namer           location ──→ the function and line of a frame │ forget: none will be asked for any more
 * </pre>
 */
public final class PythonFunctions implements RuntimeFrames, AutoCloseable {
    private final Pythons pythons;
    private final SentCodes sent;
    private final Budget budget;
    private final Map<Integer, ProcessFunctions> processes = new ConcurrentHashMap<>();
    private final Queue<Integer> forgotten = new ConcurrentLinkedQueue<>();

    /**
     * Of the Pythons of a run.
     *
     * @param sent by the kernel side
     * @param budget of what is kept
     */
    public PythonFunctions(Pythons pythons, SentCodes sent, Budget budget) {
        this.pythons = pythons;
        this.sent = sent;
        this.budget = budget;
    }

    /** Reads frames of threads that stand still, whose functions are then among these. Any thread. */
    public LiveFrames live() {
        return new LiveFrames(pythons, sent);
    }

    /** Reads those functions of a sample's frames that have not been read. Of the thread that reads samples. */
    public void met(Image image, Sample sample) {
        PythonFrames holder = holder(sample.gil());
        if (sample.python().words().length == 0 && holder.words().length == 0) {
            return;
        }
        Python python = pythons.of(image);
        if (python != null) {
            ProcessFunctions of = processes.computeIfAbsent(
                    image.number(), _ -> new ProcessFunctions(image.pid(), python, sent, budget.keep()));
            of.read(sample.python());
            of.read(holder);
        }
    }

    /** The frame of the thread for whose lock another waited. */
    private static PythonFrames holder(GilUse gil) {
        return gil.code() == 0
                ? PythonFrames.NONE
                : new PythonFrames(new long[] {gil.code(), gil.detail()}, PythonFrames.End.READ);
    }

    /**
     * Puts the frames where the calls are that run them, as far as the kernel side could not, and leaves out what is a part of such a call.
     * Of the thread that reads samples.
     */
    public Sample placed(Image image, Sample sample) {
        Python python = sample.python().words().length == 0 ? null : pythons.of(image);
        if (python == null) {
            return sample;
        }
        if (!python.counted()) {
            ProcessFunctions functions = processes.get(image.number());
            return functions == null ? sample : functions.withoutHandlers(sample, image.code());
        }
        boolean complete = sample.end() == WalkEnd.END_OF_STACK;
        return sample.with(EvaluationCalls.place(sample.python(), sample.user(), complete, python));
    }

    @Override
    public @Nullable Location location(int process, long word, long detail) {
        ProcessFunctions functions = processes.get(process);
        return functions == null
                ? Location.unnamed(0, null, ProcessFunctions.STAND_IN, SymbolMiss.NO_PROCESS)
                : functions.location(PythonFrames.code(word), detail);
    }

    @Override
    public void forget(int process) {
        forgotten.add(process);
    }

    /** Gives up what will not be asked for any more. Of the thread that reads samples. */
    public void drained() {
        for (Integer process = forgotten.poll(); process != null; process = forgotten.poll()) {
            ProcessFunctions functions = processes.remove(process);
            if (functions != null) {
                functions.close();
            }
        }
    }

    /** What is met from now on is of the next interval. Of the thread that reads samples. */
    public void beginInterval() {
        processes.values().forEach(ProcessFunctions::beginInterval);
    }

    /** Once no thread uses it. */
    @Override
    public void close() {
        processes.values().forEach(ProcessFunctions::close);
        processes.clear();
        sent.close();
    }
}
