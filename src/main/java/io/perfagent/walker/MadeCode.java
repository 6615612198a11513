package io.perfagent.walker;

import io.perfagent.bpf.BpfMap;
import io.perfagent.bpf.RingBuffer;
import io.perfagent.bpf.abi.MadeCodeEntry;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.CodeMemory;
import io.perfagent.model.Mapping;
import io.perfagent.model.WalkEnd;
import io.perfagent.process.TargetCode;
import io.perfagent.unwind.x86_64.flow.CodeFlow;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.Predicate;

/**
 * Tells the walker what code that processes have made does to the stack, at each address that a sample was the first to meet. For one thread.
 *
 * <pre>
 *   sample ── address, not known ─→ ring ─→ answer: read the code, follow it to its end ─→ map of made code ─→ next sample
 * </pre>
 */
public final class MadeCode implements AutoCloseable {
    /** In which questions are answered; then others have their turn. */
    private static final long ANSWERING_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** The bytes around a place so far before the end of an instruction hold those before it. */
    private static final int BEFORE_END = 16;

    /** Answers that are kept for walks in user space. */
    private static final int MOST_KEPT = 16_384;

    private static final int NO_HASH = 0;

    private final RingBuffer questions;
    private final BpfMap answers;
    private final UnwindTables tables;
    private final IntFunction<List<Mapping>> mappings;
    private final Predicate<List<Mapping>> pending;
    private final Map<Place, Answer> kept = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Place, Answer> oldest) {
            return size() > MOST_KEPT;
        }
    };

    private record Place(int pid, long address) {}

    /** What is written into the walker's map. */
    private record Answer(int row, int hash, int returns, int returnsHash) {
        boolean isOf(CodeAround code, long address) {
            return code.hash(address) == hash && (returns == 0 || code.hash(address + returns) == returnsHash);
        }
    }

    /**
     * @param questions is closed with this
     * @param answers the walker's map of made code
     * @param tables has the rules in which answers are written
     * @param mappings where code may be in the process of a PID, sorted, none over another; none where that is not known
     * @param pending whether tables of such mappings are being compiled: they may say in which frames made code runs, and before that nothing is said
     */
    public MadeCode(
            RingBuffer questions,
            BpfMap answers,
            UnwindTables tables,
            IntFunction<List<Mapping>> mappings,
            Predicate<List<Mapping>> pending) {
        this.questions = questions;
        this.answers = answers;
        this.tables = tables;
        this.mappings = mappings;
        this.pending = pending;
    }

    /**
     * Answers what has been asked since, as far as the time goes; what is left waits in the ring, and the ring is what bounds it.
     *
     * @return how much
     */
    public int answer() {
        long end = System.nanoTime() + ANSWERING_NANOS;
        return questions.drain(this::answer, _ -> System.nanoTime() - end < 0);
    }

    private void answer(MemorySegment question) {
        int pid = MadeCodeEntry.pid(question);
        long address = MadeCodeEntry.address(question);
        int block = MadeCodeEntry.block(question);
        List<Mapping> mapped = mappings.apply(pid);
        if (pending.test(mapped)) {
            askAgain(pid, address, block);
            return;
        }
        try (TargetCode memory = new TargetCode(pid)) {
            if (block != 0) {
                int frame = tables.entered(mapped);
                leads(pid, address, block, frame, CodeAround.anywhere(memory, address));
                return;
            }
            follow(pid, tables.around(mapped, memory, address, MadeCodeEntry.register(question)));
        }
    }

    /** The next sample there does: what the walker keeps is of no code that is there. */
    private void askAgain(int pid, long address, int block) {
        try (Arena arena = Arena.ofConfined()) {
            answers.put(
                    MadeCodeEntry.key(arena, pid, address, block), MadeCodeEntry.value(arena, 0, NO_HASH, 0, NO_HASH));
        } catch (LinuxException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The row of code that a process has made, for a walk in user space: what it has been found to do the last time, unless it is other code by
     * now. The walker in the kernel is told of what is found. 0 where nothing can be said, a stop where not yet.
     *
     * @param mappings of the process, sorted, none over another
     */
    int row(int pid, List<Mapping> mappings, CodeMemory memory, long address) {
        if (isMade(mappings, address) && pending.test(mappings)) {
            return UnwindRow.stop(WalkEnd.TABLE_PENDING);
        }
        CodeAround code = tables.around(mappings, memory, address, 0);
        Place place = new Place(pid, address);
        Answer known = kept.get(place);
        if (known == null || !known.isOf(code, address)) {
            kept.put(place, new Answer(0, code.hash(address), 0, 0));
            follow(pid, code);
            known = kept.get(place);
        }
        return known == null ? 0 : known.row;
    }

    private static boolean isMade(List<Mapping> mappings, long address) {
        return mappings.stream().noneMatch(mapping -> mapping.contains(address) && !MadeMemory.isMade(mapping));
    }

    private void follow(int pid, CodeAround code) {
        code.rules((at, rule, end) -> put(pid, at, tables.row(rule.derived()), end, code));
    }

    /** What is not said stays asked for. */
    private void leads(int pid, long function, int block, int frame, CodeAround code) {
        int from = code.leadsInto(Integer.toUnsignedLong(block) << MadeCodeEntry.JUMP_BLOCK_SHIFT, frame);
        if (from != CodeFlow.NOWHERE) {
            try (Arena arena = Arena.ofConfined()) {
                answers.put(
                        MadeCodeEntry.key(arena, pid, function, block),
                        MadeCodeEntry.value(arena, MadeCodeEntry.LEADS_THERE, code.hash(function), from, 0));
            } catch (LinuxException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void put(int pid, long address, int row, long end, CodeAround code) {
        int returns = end - address > MadeCodeEntry.HASHED_BEHIND ? (int) (end - BEFORE_END - address) : 0;
        Answer answer = new Answer(row, code.hash(address), returns, code.hash(address + returns));
        kept.put(new Place(pid, address), answer);
        try (Arena arena = Arena.ofConfined()) {
            answers.put(
                    MadeCodeEntry.key(arena, pid, address, 0),
                    MadeCodeEntry.value(arena, row, answer.hash, returns, answer.returnsHash));
        } catch (LinuxException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        questions.close();
    }
}
