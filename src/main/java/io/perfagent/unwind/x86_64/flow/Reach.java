package io.perfagent.unwind.x86_64.flow;

import io.perfagent.model.CodeMemory;
import io.perfagent.unwind.cfi.Workspace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The instructions that may run from an address of memory on, wherever jumps lead.
 *
 * <pre>
 *   memory    │ … loop … │            128 MB            │ … what the loop is left to … │
 *   stretch   │ … loop … │ 64 │ … what the loop is left to … │
 * </pre>
 */
final class Reach {
    /** That are followed. */
    private static final int MOST = 1 << 13;

    private static final int PAGE = 4096;
    private static final int RETURN_POPPING = 0xc2;
    /** Nobody knows how much is on the stack behind it. */
    private static final long UNKNOWN_CALL = Effect.of(Kind.STOP, 0, 0, 0, 0);
    /** Instructions of one that is called with arguments on the stack. */
    private static final int LONGEST_ROUTINE = 256;
    /** Of these that are looked at. */
    private static final int MOST_ROUTINES = 64;

    /** Bytes of the stretch between instructions that are far from each other. */
    private static final int GAP = 64;

    private final CodeMemory memory;
    private final boolean jumpsOnly;
    private final byte[] bytes = new byte[Decoder.MAX_BYTES];
    private final NavigableMap<Long, Instruction> found = new TreeMap<>();
    private final ArrayDeque<Way> waiting = new ArrayDeque<>();
    /** Bytes of arguments that those take off the stack which are called through a constant. */
    private final Map<Long, Integer> routines = new HashMap<>();

    private final Stretch stretch = new Stretch(0, Workspace.unlimited());
    private long[] addresses = {};

    /**
     * @param target where a jump or a call leads
     * @param before what is known to have been loaded on every way to it that has been met
     */
    private record Instruction(int length, long effect, long target, Constant before, Constant behind) {}

    /** Where instructions are to be followed from, and what has been loaded on the way there. */
    private record Way(long address, Constant constant) {}

    private Reach(CodeMemory memory, boolean jumpsOnly) {
        this.memory = memory;
        this.jumpsOnly = jumpsOnly;
    }

    /** All that may run from an address on. */
    static Reach from(CodeMemory memory, long pc, Departure departure) {
        return of(new Reach(memory, false), pc, departure);
    }

    /** All that may run of a function, and of those that it jumps to, before something is called that its code does not name. */
    static Reach beforeUnnamedCalls(CodeMemory memory, long function) {
        return of(new Reach(memory, true), function, Departure.UNKNOWN);
    }

    private static Reach of(Reach reach, long pc, Departure departure) {
        reach.follow(pc);
        reach.write();
        reach.stretch.departure = departure;
        reach.stretch.link(Surroundings.UNKNOWN);
        return reach;
    }

    Stretch stretch() {
        return stretch;
    }

    /** The instruction at an address; negative where there is none. */
    int indexOf(long address) {
        return Arrays.binarySearch(addresses, address);
    }

    long address(int index) {
        return addresses[index];
    }

    /** Behind the next instruction that leaves the code, of those near to each other; behind the last of these where none does. */
    long endFrom(int index) {
        int at = index;
        while (!leaves(at) && at < addresses.length - 1 && addresses[at + 1] - addresses[at] < PAGE) {
            at++;
        }
        return addresses[at] + stretch.end(at) - stretch.position(at);
    }

    private boolean leaves(int index) {
        Kind kind = stretch.kind(index);
        return kind == Kind.RETURN || kind == Kind.JUMP_THROUGH;
    }

    private void follow(long pc) {
        waiting.add(new Way(pc, Constant.NONE));
        while (!waiting.isEmpty() && found.size() < MOST) {
            Way way = waiting.remove();
            long at = way.address;
            Constant constant = way.constant;
            while (found.size() < MOST && (isNew(at) || contradicts(at, constant))) {
                Instruction next = decode(at, found.containsKey(at) ? Constant.NONE : constant);
                if (next == null) {
                    break;
                }
                found.put(at, next);
                Kind kind = Effect.kind(next.effect);
                at += next.length;
                constant = next.behind;
                if (kind == Kind.JUMP || kind == Kind.BRANCH) {
                    waiting.add(new Way(next.target, constant));
                }
                if (kind.ends() || (jumpsOnly && kind == Kind.CALL_ANYTHING)) {
                    break;
                }
            }
        }
    }

    /** Whether an address is in no instruction that was found. */
    private boolean isNew(long address) {
        Map.Entry<Long, Instruction> before = found.floorEntry(address);
        return before == null || before.getKey() + before.getValue().length <= address;
    }

    /** Whether an instruction has been met with something loaded that a second way to it has not: then nothing is known there. */
    private boolean contradicts(long address, Constant constant) {
        Instruction met = found.get(address);
        return met != null && !met.before.equals(Constant.NONE) && !met.before.equals(constant);
    }

    private @Nullable Instruction decode(long address, Constant constant) {
        int there = read(address);
        Decoder decoder = new Decoder(bytes, there);
        int length = decoder.decode(0);
        if (length < 0) {
            return null;
        }
        long effect = new Effects(decoder).effect(0);
        Constant behind = constant.behind(decoder, effect, bytes, length);
        if (constant.isJumpedThrough(decoder)) {
            return new Instruction(length, Effect.of(Kind.JUMP, 0, 0, 0, 0), constant.value(), constant, behind);
        }
        if (constant.isCalledThrough(decoder)) {
            long called = constant.known() ? Effect.withValue(effect, pops(constant.value())) : UNKNOWN_CALL;
            return new Instruction(length, called, 0, constant, behind);
        }
        long target = address + length + Effect.value(effect);
        return jumpsOnly && Effect.kind(effect) == Kind.JUMP_FUNCTION
                ? linked(length, effect, target)
                : new Instruction(length, effect, target, constant, behind);
    }

    /** Bytes of arguments that a function takes off the stack as it returns, by its first return. */
    private int pops(long function) {
        Integer known = routines.get(function);
        if (known == null && routines.size() < MOST_ROUTINES) {
            known = popsOfOne(function);
            routines.put(function, known);
        }
        return known == null ? 0 : known;
    }

    private int popsOfOne(long function) {
        long at = function;
        for (int i = 0; i < LONGEST_ROUTINE; i++) {
            Decoder decoder = new Decoder(bytes, read(at));
            int length = decoder.decode(0);
            Kind kind = length < 0 ? Kind.STOP : Effect.kind(new Effects(decoder).effect(0));
            if (kind == Kind.RETURN) {
                return decoder.opcode == RETURN_POPPING ? immediate16(length) : 0;
            }
            if (kind.ends()) {
                return 0;
            }
            at += length;
        }
        return 0;
    }

    /** With which the instruction ends that was decoded last. */
    private int immediate16(int length) {
        return Byte.toUnsignedInt(bytes[length - 2]) | Byte.toUnsignedInt(bytes[length - 1]) << Byte.SIZE;
    }

    /** A jump through a word of the file as one to where that leads. */
    private Instruction linked(int length, long effect, long wordAt) {
        byte[] word = new byte[Long.BYTES];
        if (!memory.read(wordAt, word, 0, Long.BYTES)) {
            return new Instruction(length, effect, 0, Constant.NONE, Constant.NONE);
        }
        long target = ByteBuffer.wrap(word).order(ByteOrder.LITTLE_ENDIAN).getLong();
        return new Instruction(length, Effect.of(Kind.JUMP, 0, 0, 0, 0), target, Constant.NONE, Constant.NONE);
    }

    /** Bytes from an address on: fewer than an instruction may have where a page cannot be read. */
    private int read(long address) {
        int inPage = Math.min(Decoder.MAX_BYTES, PAGE - (int) (address & (PAGE - 1)));
        if (memory.read(address, bytes, 0, Decoder.MAX_BYTES)) {
            return Decoder.MAX_BYTES;
        }
        return inPage < Decoder.MAX_BYTES && memory.read(address, bytes, 0, inPage) ? inPage : 0;
    }

    /** Positions take the place of addresses: where these are far apart, the positions are not. */
    private void write() {
        addresses = found.keySet().stream().mapToLong(Long::longValue).toArray();
        Map<Long, Integer> places = places();
        int outside = Stretch.FUNCTION;
        for (long address : addresses) {
            Instruction one = instruction(address);
            long effect = one.effect;
            if (leads(Effect.kind(effect))) {
                outside -= places.putIfAbsent(one.target, outside - 1) == null ? 1 : 0;
                effect = Effect.withValue(effect, position(places, one.target));
            }
            stretch.add(position(places, address), one.length, effect);
        }
    }

    private Map<Long, Integer> places() {
        Map<Long, Integer> places = new HashMap<>();
        int position = 0;
        long end = addresses.length == 0 ? 0 : addresses[0];
        for (long address : addresses) {
            position += (int) Math.min(GAP, address - end);
            places.put(address, position);
            int length = instruction(address).length;
            position += length;
            end = address + length;
        }
        return places;
    }

    private Instruction instruction(long address) {
        return Objects.requireNonNull(found.get(address));
    }

    private static int position(Map<Long, Integer> places, long address) {
        return Objects.requireNonNull(places.get(address));
    }

    private static boolean leads(Kind kind) {
        return kind == Kind.JUMP || kind == Kind.BRANCH || kind == Kind.CALL;
    }
}
