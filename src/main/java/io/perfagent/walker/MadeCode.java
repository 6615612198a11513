package io.perfagent.walker;

import io.perfagent.bpf.BpfMap;
import io.perfagent.bpf.RingBuffer;
import io.perfagent.bpf.abi.MadeCodeEntry;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.CodeMemory;
import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import io.perfagent.process.TargetCode;
import io.perfagent.unwind.x86_64.flow.CodeFlow;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

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

    /** Answers that are kept for walks in user space, and to be given anew. */
    private static final int MOST_KEPT = 16_384;

    private static final int NO_HASH = 0;

    private final RingBuffer questions;
    private final BpfMap answers;
    private final UnwindTables tables;
    private final IntFunction<List<Mapping>> mappings;
    /** By the place asked for, and by those that were found on the way. */
    private final Map<Place, Answer> kept = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Place, Answer> oldest) {
            return size() > MOST_KEPT;
        }
    };

    /** @param block of instructions that the code at the address leads into; 0 where it is asked what an instruction does */
    private record Place(int pid, long address, int block) {}

    /** What is written into the walker's map. */
    private record Answer(int row, int hash, int returns, int returnsHash) {
        /** The next sample there asks again: of no code that can be there. */
        static final Answer UNSAID = new Answer(0, NO_HASH, 0, NO_HASH);

        boolean isOf(CodeAround code, long address) {
            return code.hash(address) == hash && (returns == 0 || code.hash(address + returns) == returnsHash);
        }
    }

    /**
     * @param questions is closed with this
     * @param answers the walker's map of made code
     * @param tables has the rules in which answers are written
     * @param mappings where code may be in the process of a PID, sorted, none over another; none where that is not known
     */
    public MadeCode(RingBuffer questions, BpfMap answers, UnwindTables tables, IntFunction<List<Mapping>> mappings) {
        this.questions = questions;
        this.answers = answers;
        this.tables = tables;
        this.mappings = mappings;
    }

    /**
     * Answers what has been asked since, as far as the time goes; what is left waits in the ring, and the ring is what bounds it.
     *
     * @return how much
     */
    public int answer() {
        forgetWhatIsTold();
        long end = System.nanoTime() + ANSWERING_NANOS;
        return questions.drain(this::answer, _ -> System.nanoTime() - end < 0);
    }

    private void answer(MemorySegment question) {
        int pid = MadeCodeEntry.pid(question);
        Place place = new Place(pid, MadeCodeEntry.address(question), MadeCodeEntry.block(question));
        List<Mapping> mapped = mappings.apply(pid);
        if (mapped.isEmpty()) {
            tell(place, Answer.UNSAID);
            return;
        }
        try (TargetCode memory = new TargetCode(pid)) {
            if (place.block != 0) {
                leads(place, tables.entered(mapped), CodeAround.anywhere(memory, place.address));
            } else {
                follow(place, mapped, tables.around(mapped, memory, place.address, MadeCodeEntry.register(question)));
            }
        }
    }

    /** What was said of a process's code before one of its files told in which frames that runs is asked and said anew. */
    private void forgetWhatIsTold() {
        for (FileId file = tables.nextTelling(); file != null; file = tables.nextTelling()) {
            Set<Integer> processes = processesWith(file);
            kept.keySet().removeIf(place -> {
                boolean told = processes.contains(place.pid);
                if (told) {
                    tell(place, Answer.UNSAID);
                }
                return told;
            });
        }
    }

    private Set<Integer> processesWith(FileId file) {
        return kept.keySet().stream()
                .map(Place::pid)
                .distinct()
                .filter(pid -> mappings.apply(pid).stream()
                        .anyMatch(mapping -> mapping.file().equals(file)))
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * The row of code that a process has made, for a walk in user space: what it has been found to do the last time, unless it is other code by
     * now. The walker in the kernel is told of what is found. 0 where nothing can be said.
     *
     * @param mappings of the process, sorted, none over another
     */
    int row(int pid, List<Mapping> mappings, CodeMemory memory, long address) {
        forgetWhatIsTold();
        CodeAround code = tables.around(mappings, memory, address, 0);
        Place place = new Place(pid, address, 0);
        Answer known = kept.get(place);
        if (known == null || !known.isOf(code, address)) {
            follow(place, mappings, code);
            known = kept.get(place);
        }
        return known == null ? 0 : known.row;
    }

    /** Where nothing is found, and nobody knows yet what is mapped there, it stays asked for. */
    private void follow(Place place, List<Mapping> mapped, CodeAround code) {
        Answer nothing = new Answer(0, code.hash(place.address), 0, NO_HASH);
        kept.put(place, nothing);
        code.rules((at, rule, end) -> found(new Place(place.pid, at, 0), tables.row(rule.derived()), end, code));
        if (nothing.equals(kept.get(place)) && mapped.stream().noneMatch(mapping -> mapping.contains(place.address))) {
            kept.remove(place);
            tell(place, Answer.UNSAID);
        }
    }

    /** What is not said stays asked for. */
    private void leads(Place place, int frame, CodeAround code) {
        int from = code.leadsInto(Integer.toUnsignedLong(place.block) << MadeCodeEntry.JUMP_BLOCK_SHIFT, frame);
        Answer answer = new Answer(MadeCodeEntry.LEADS_THERE, code.hash(place.address), from, NO_HASH);
        kept.put(place, answer);
        if (from != CodeFlow.NOWHERE) {
            tell(place, answer);
        }
    }

    private void found(Place place, int row, long end, CodeAround code) {
        long address = place.address;
        int returns = end - address > MadeCodeEntry.HASHED_BEHIND ? (int) (end - BEFORE_END - address) : 0;
        Answer answer = new Answer(row, code.hash(address), returns, code.hash(address + returns));
        kept.put(place, answer);
        tell(place, answer);
    }

    private void tell(Place place, Answer answer) {
        try (Arena arena = Arena.ofConfined()) {
            answers.put(
                    MadeCodeEntry.key(arena, place.pid, place.address, place.block),
                    MadeCodeEntry.value(arena, answer.row, answer.hash, answer.returns, answer.returnsHash));
        } catch (LinuxException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        questions.close();
    }
}
