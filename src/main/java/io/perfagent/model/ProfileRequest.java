package io.perfagent.model;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the user asked for.
 *
 * @param pids targets, empty with {@code allProcesses}
 * @param allProcesses every process is a target
 * @param children processes that targets fork are targets too
 * @param duration how long to sample
 * @param sampleRate samples per second and CPU
 * @param unwind how stacks are walked
 * @param pythonFrames whether Python functions are named by reading the interpreter's frames
 * @param injectPython switch CPython's perf trampoline on in the targets
 * @param keepTrampoline leave it on at the end
 * @param outputs where the profile of threads that run goes; empty where none is wanted
 * @param tags {@code key=value} pairs recorded in the profile
 * @param every a profile for each stretch of so long; null for one of the whole run
 * @param waits time off the CPU; null where it is not asked for
 * @param sampled what samples of threads that run are taken at
 */
public record ProfileRequest(
        List<Integer> pids,
        boolean allProcesses,
        boolean children,
        Duration duration,
        int sampleRate,
        UnwindMode unwind,
        PythonFrameMode pythonFrames,
        boolean injectPython,
        boolean keepTrampoline,
        List<Output> outputs,
        List<String> tags,
        @Nullable Duration every,
        @Nullable WaitRequest waits,
        SampledEvent sampled) {
    /** Of a run that ends when somebody ends it, or its targets have. */
    public static final Duration WITHOUT_END = Duration.ofDays(3_650);

    /** Of threads that run. */
    public ProfileRequest(
            List<Integer> pids,
            boolean allProcesses,
            boolean children,
            Duration duration,
            int sampleRate,
            UnwindMode unwind,
            PythonFrameMode pythonFrames,
            boolean injectPython,
            boolean keepTrampoline,
            List<Output> outputs,
            List<String> tags,
            @Nullable Duration every) {
        this(
                pids,
                allProcesses,
                children,
                duration,
                sampleRate,
                unwind,
                pythonFrames,
                injectPython,
                keepTrampoline,
                outputs,
                tags,
                every,
                null,
                SampledEvent.CPU_CLOCK);
    }

    /** One profile of the whole run, with Python's frames, for pprof. */
    public ProfileRequest(
            List<Integer> pids,
            boolean allProcesses,
            boolean children,
            Duration duration,
            int sampleRate,
            UnwindMode unwind,
            boolean injectPython,
            boolean keepTrampoline,
            @Nullable Path output,
            List<String> tags) {
        this(
                pids,
                allProcesses,
                children,
                duration,
                sampleRate,
                unwind,
                PythonFrameMode.AUTO,
                injectPython,
                keepTrampoline,
                List.of(new Output(output, Format.PPROF)),
                tags,
                null);
    }

    /** The same with Python's frames read or not. */
    public ProfileRequest with(PythonFrameMode mode) {
        return new ProfileRequest(
                pids,
                allProcesses,
                children,
                duration,
                sampleRate,
                unwind,
                mode,
                injectPython,
                keepTrampoline,
                outputs,
                tags,
                every,
                waits,
                sampled);
    }

    /** The same of time off the CPU alone. */
    public ProfileRequest with(WaitRequest off) {
        return with(List.of(), off);
    }

    /** The same of time off the CPU, too. */
    public ProfileRequest withToo(WaitRequest off) {
        return with(outputs, off);
    }

    private ProfileRequest with(List<Output> running, @Nullable WaitRequest off) {
        return new ProfileRequest(
                pids,
                allProcesses,
                children,
                duration,
                sampleRate,
                unwind,
                pythonFrames,
                injectPython,
                keepTrampoline,
                running,
                tags,
                every,
                off,
                sampled);
    }

    /** The same of the targets alone. */
    public ProfileRequest withoutChildren() {
        return new ProfileRequest(
                pids,
                allProcesses,
                false,
                duration,
                sampleRate,
                unwind,
                pythonFrames,
                injectPython,
                keepTrampoline,
                outputs,
                tags,
                every,
                waits,
                sampled);
    }

    /** The same without end, an interval after the other. */
    public ProfileRequest endless(List<Integer> targets, boolean all, Duration interval) {
        return new ProfileRequest(
                targets,
                all,
                children,
                WITHOUT_END,
                sampleRate,
                unwind,
                pythonFrames,
                injectPython,
                keepTrampoline,
                outputs,
                tags,
                interval,
                waits,
                sampled);
    }

    /** What it samples, an event for each profile. */
    public List<Event> events() {
        List<Event> events = new ArrayList<>();
        if (!outputs.isEmpty()) {
            events.add(Event.CPU_CLOCK);
        }
        if (waits != null) {
            events.add(waits.event());
        }
        return events;
    }

    /** What the profile of an event measures. */
    public Measure measure(Event event) {
        return switch (event) {
            case CPU_CLOCK -> sampled.measure(sampleRate);
            case OFF_CPU -> Measure.OFF_CPU;
            case WALL -> Measure.WALL;
        };
    }

    /** What the profile of an event is called in the names of files. */
    public String label(Event event) {
        return switch (event) {
            case CPU_CLOCK -> sampled.label();
            case OFF_CPU, WALL -> event.label();
        };
    }

    /** Where the profile of an event goes. */
    public List<Output> outputs(Event event) {
        return switch (event) {
            case CPU_CLOCK -> outputs;
            case OFF_CPU, WALL -> waits == null ? List.of() : waits.outputs();
        };
    }

    /** Whether an output needs to know when each sample was taken. */
    public boolean needsTimes() {
        return events().stream()
                .flatMap(event -> outputs(event).stream())
                .anyMatch(output -> output.format().needsTimes());
    }
}
