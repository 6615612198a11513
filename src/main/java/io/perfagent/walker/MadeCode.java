package io.perfagent.walker;

import io.perfagent.bpf.BpfMap;
import io.perfagent.bpf.RingBuffer;
import io.perfagent.bpf.abi.MadeCodeEntry;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.Mapping;
import io.perfagent.process.TargetCode;
import io.perfagent.unwind.x86_64.flow.CodeFlow;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

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

    private final RingBuffer questions;
    private final BpfMap answers;
    private final UnwindTables tables;
    private final IntFunction<List<Mapping>> mappings;

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
        long end = System.nanoTime() + ANSWERING_NANOS;
        return questions.drain(this::answer, _ -> System.nanoTime() - end < 0);
    }

    private void answer(MemorySegment question) {
        int pid = MadeCodeEntry.pid(question);
        long address = MadeCodeEntry.address(question);
        int block = MadeCodeEntry.block(question);
        try (TargetCode memory = new TargetCode(pid)) {
            if (block != 0) {
                int frame = tables.entered(mappings.apply(pid));
                leads(pid, address, block, frame, CodeAround.anywhere(memory, address));
                return;
            }
            long register = MadeCodeEntry.register(question);
            CodeAround code = tables.around(mappings.apply(pid), memory, address, register);
            code.rules((at, rule, end) -> put(pid, at, tables.row(rule.derived()), end, code));
        }
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
        try (Arena arena = Arena.ofConfined()) {
            answers.put(
                    MadeCodeEntry.key(arena, pid, address, 0),
                    MadeCodeEntry.value(arena, row, code.hash(address), returns, code.hash(address + returns)));
        } catch (LinuxException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        questions.close();
    }
}
