package io.perfagent.symbolize;

import io.perfagent.model.Budget;
import io.perfagent.model.Call;
import io.perfagent.model.LinesLeftOut;
import io.perfagent.model.Location;
import io.perfagent.model.Mapping;
import io.perfagent.model.Module;
import io.perfagent.model.PrintableName;
import io.perfagent.model.SymbolMiss;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.symbolize.ProcessImage.Code;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gives addresses their names: functions of binaries, of the kernel, and of code that processes made themselves and
 * described in a perf map. What these hold at once is bounded by a {@link Budget}. An address without a name yields a location of kind {@link Location.Kind#UNNAMED} that says why.
 *
 * <p>Binaries are opened when a process is added, so that symbols survive both; tables are parsed when an address asks for
 * them. Addresses are taken as they are: the caller has lowered return addresses by one. One thread at a time.
 */
public final class Symbolizer implements AutoCloseable {
    private static final int MAX_ANCESTORS = 8;
    /** A parent may begin another program. */
    private static final long PARENTS_KEPT_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Of all processes for whose frames there was no room: one location, whatever the address. */
    private static final Location WITHOUT_ROOM = Location.unnamed(0, null, "[no room]", SymbolMiss.NO_ROOM);

    private final Budget budget;
    private final Binaries binaries;
    private final Map<Integer, ProcessImage> processes = new HashMap<>();
    private final Map<Integer, Set<Mapping>> parents = new HashMap<>();
    private long parentsReadAt = System.nanoTime();
    private final FrameCache kernelFrames;
    private LinesLeftOut leftOutOfForgotten = LinesLeftOut.NONE;
    private @Nullable KernelSymbols kernel;
    private @Nullable Module kernelModule;

    /** With a budget of its own. */
    public Symbolizer() {
        this(Budget.ofHeap());
    }

    /** @param budget of what is kept: what finds no room in it has no name */
    public Symbolizer(Budget budget) {
        this.budget = budget;
        this.binaries = new Binaries(budget);
        this.kernelFrames = new FrameCache(budget.keep());
    }

    /**
     * Makes a process known, or its newer mappings, which then override the older where they overlap. Never fails: what
     * cannot be opened shows as the reason of its unnamed frames.
     *
     * @param process a number above 0 of the caller's choice, for PIDs are used again
     * @param mappings as {@code /proc/<pid>/maps} lists them; only executable ones are used
     */
    public void addProcess(int process, int pid, List<Mapping> mappings) {
        addAncestors(add(process, pid, mappings));
    }

    /**
     * As {@link #addProcess(int, int, List)}, where it is known how the process began.
     *
     * @param parent the number of the process whose copy it is, 0 where it runs a program of its own
     */
    public void addProcess(int process, int pid, int parent, List<Mapping> mappings) {
        add(process, pid, mappings).setParent(parent);
    }

    private ProcessImage add(int process, int pid, List<Mapping> mappings) {
        ProcessImage image = processes.computeIfAbsent(process, _ -> new ProcessImage(pid, budget));
        image.add(mappings, binaries);
        return image;
    }

    /**
     * A forked child runs in its ancestors' trampolines, named in their maps, also where only the child is a target. Those that were
     * found that way have the negative PID as their number.
     */
    private void addAncestors(ProcessImage process) {
        ProcessImage child = process;
        for (int depth = 0; depth < MAX_ANCESTORS && child.ppid() > 1; depth++) {
            int ppid = child.ppid();
            child.setParent(-ppid);
            if (processes.containsKey(-ppid) || !child.isCopyOf(codeOf(ppid))) {
                return;
            }
            ProcessImage parent = new ProcessImage(ppid, budget);
            parent.add(List.copyOf(codeOf(ppid)), binaries);
            processes.put(-ppid, parent);
            child = parent;
        }
    }

    /** A process has ended: keeps what names its code, and nothing else of it. */
    public void endProcess(int process) {
        ProcessImage image = processes.get(process);
        if (image != null) {
            image.end();
        }
    }

    /** What it runs, read once for all its children that are met at one time: there may be hundreds, which are no copies of it. */
    private Set<Mapping> codeOf(int pid) {
        long now = System.nanoTime();
        if (now - parentsReadAt > PARENTS_KEPT_NANOS) {
            parents.clear();
            parentsReadAt = now;
        }
        return parents.computeIfAbsent(pid, Symbolizer::readCode);
    }

    private static Set<Mapping> readCode(int pid) {
        try {
            return new LinkedHashSet<>(ProcMaps.readExecutable(pid));
        } catch (IOException _) {
            return Set.of();
        }
    }

    /** Nothing will be asked of a process any more. */
    public void forgetProcess(int process) {
        ProcessImage image = processes.remove(process);
        if (image != null) {
            leftOutOfForgotten = leftOutOfForgotten.plus(image.leftOut());
            image.close();
        }
    }

    /** What is named from now on was counted later than what has been named: code that processes make may be another by then. */
    public void beginInterval() {
        forgetAncestors();
        binaries.beginInterval();
        processes.values().forEach(image -> image.beginInterval(binaries));
    }

    /** Those that no process is a copy of any more. */
    private void forgetAncestors() {
        Set<Integer> needed = new HashSet<>();
        processes.forEach((number, image) -> {
            if (number > 0) {
                addFound(image, needed);
            }
        });
        List<Integer> others = processes.keySet().stream()
                .filter(number -> number < 0 && !needed.contains(number))
                .toList();
        others.forEach(this::forgetProcess);
    }

    private void addFound(ProcessImage child, Set<Integer> ancestors) {
        ProcessImage at = child;
        for (int depth = 0; at != null && depth < MAX_ANCESTORS; depth++) {
            if (at.parent() < 0) {
                ancestors.add(at.parent());
            }
            at = processes.get(at.parent());
        }
    }

    /** The names of an ended process's code have been asked for: what they were read from is given up. */
    public void forgetPerfMap(int process) {
        ProcessImage image = processes.get(process);
        if (image != null) {
            image.forgetPerfMap();
        }
    }

    /** Entries in a process's perf map as last read, 0 without one. */
    public int perfMapEntries(int process) {
        ProcessImage image = processes.get(process);
        return image == null ? 0 : image.mapEntries();
    }

    /** Lines of all perf maps that name nothing. */
    public LinesLeftOut perfMapLinesLeftOut() {
        return processes.values().stream().map(ProcessImage::leftOut).reduce(leftOutOfForgotten, LinesLeftOut::plus);
    }

    /** The location of a user address; kernel addresses do not belong here. */
    public Location user(int process, long address) {
        ProcessImage image = processes.get(process);
        if (image == null) {
            return Location.unnamed(address, null, "[unknown]", SymbolMiss.NO_PROCESS);
        }
        Location known = image.frames().get(address);
        if (known != null) {
            return known;
        }
        Location before = image.framesBefore().get(address);
        Location location = before != null && isStill(image, before) ? before : name(image, address);
        return image.frames().put(location) ? location : WITHOUT_ROOM;
    }

    /** What a file says does not change; that it says nothing does, once the process gives a name. */
    private boolean isStill(ProcessImage process, Location before) {
        boolean ofFile = before.module() != null;
        return ofFile
                && (before.kind() == Location.Kind.NATIVE
                        || (before.miss() == SymbolMiss.NO_SYMBOL && selfMadeName(process, before.address()) == null));
    }

    private Location name(ProcessImage process, long address) {
        Code code = process.find(address);
        Binary binary = code == null ? null : code.binary();
        Location named = code != null && binary != null ? binaryFrame(code, binary, address) : null;
        if (named != null) {
            return named;
        }
        // Of code in a binary too: V8 names the built-in functions that are part of it.
        String name = selfMadeName(process, address);
        return name != null ? MapName.location(address, name) : unnamed(process, code, address);
    }

    private @Nullable Location binaryFrame(Code code, Binary binary, long address) {
        String name = binary.readable() ? binaries.find(binary, binary.elfAddress(code.mapping(), address)) : null;
        if (name == null) {
            return null;
        }
        String function = binary.compiledByGo() ? name : CloneSuffix.without(name);
        return new Location(Location.Kind.NATIVE, address, code.module(), Call.ofSymbol(function, name));
    }

    private @Nullable String selfMadeName(ProcessImage process, long address) {
        ProcessImage at = process;
        for (int depth = 0; depth <= MAX_ANCESTORS; depth++) {
            String name = at.ownName(address);
            ProcessImage parent = processes.get(at.parent());
            if (name != null || parent == null || !at.forkedFrom(parent)) {
                return name;
            }
            at = parent;
        }
        return null;
    }

    private static Location unnamed(ProcessImage process, @Nullable Code code, long address) {
        if (code == null) {
            return Location.unnamed(address, null, "[unknown]", SymbolMiss.NO_MAPPING);
        }
        Mapping mapping = code.mapping();
        Binary binary = code.binary();
        if (binary != null) {
            String name = offsetName(mapping, binary.functionStart(binary.elfAddress(mapping, address)));
            return Location.unnamed(address, code.module(), name, binary.miss());
        }
        return Location.unnamed(address, null, PrintableName.of(areaName(mapping)), process.ownNameMiss());
    }

    /** By mapping, not by address: one line in a report for one region. */
    private static String areaName(Mapping mapping) {
        String path = mapping.path();
        if (path.isEmpty()) {
            return "[anon 0x" + Long.toHexString(mapping.start()) + "]";
        }
        return path.startsWith("[") ? path : "[" + path.substring(path.lastIndexOf('/') + 1) + "]";
    }

    private static String offsetName(Mapping mapping, long elfAddress) {
        String path = mapping.path();
        String base = path.substring(path.lastIndexOf('/') + 1);
        String file = base.startsWith("[") ? base.substring(1, base.length() - 1) : base;
        return PrintableName.of("[" + file + "+0x" + Long.toHexString(elfAddress) + "]");
    }

    /** Reads the kernel's symbols where that is still to be done: it takes a while, in which nothing else is named. */
    public void readKernel() {
        KernelSymbols _ = kernelSymbols();
    }

    /** The location of a kernel address. The symbols are read at the first one. */
    public Location kernel(long address) {
        Location known = kernelFrames.get(address);
        if (known != null) {
            return known;
        }
        Location location = kernelFrame(address);
        return kernelFrames.put(location) ? location : WITHOUT_ROOM;
    }

    private Location kernelFrame(long address) {
        KernelSymbols symbols = kernelSymbols();
        if (symbols.hidden()) {
            return Location.unnamed(address, null, "[kernel]", SymbolMiss.KERNEL_HIDDEN);
        }
        String name = symbols.find(address);
        return name == null
                ? Location.unnamed(address, kernelModule, "[kernel]", SymbolMiss.NO_SYMBOL)
                : new Location(
                        Location.Kind.KERNEL, address, kernelModule, Call.ofSymbol(CloneSuffix.without(name), name));
    }

    private KernelSymbols kernelSymbols() {
        if (kernel == null) {
            kernel = KernelSymbols.read();
            kernelModule = new Module(kernel.start(), kernel.end(), 0, "[kernel.kallsyms]", null);
        }
        return kernel;
    }

    @Override
    public void close() {
        processes.values().forEach(ProcessImage::close);
        processes.clear();
        binaries.close();
    }
}
