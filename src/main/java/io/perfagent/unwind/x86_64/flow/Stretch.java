package io.perfagent.unwind.x86_64.flow;

import io.perfagent.unwind.cfi.Workspace;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;

/** The instructions of a piece of code, in the order of their positions. */
final class Stretch {
    /** Jumps to where no instruction is known. */
    static final int NOWHERE = -1;
    /** Jumps to where a function begins, outside of the stretch. */
    static final int FUNCTION = -2;

    private static final int BYTES = Integer.BYTES + Long.BYTES;
    private static final int LENGTH_BITS = 4;
    private static final int LENGTH_MASK = 15;

    private final long address;
    private final Workspace workspace;
    private int count;
    /** Position and length of each. */
    private int[] places = new int[64];

    private long[] effects = new long[64];
    /** Of each instruction one of the jumps that lead to it, and of each jump another that leads to the same. */
    private int[] lastJumps = new int[0];

    private int[] earlierJumps = new int[0];

    /** Indexes of instructions at which functions begin, and of those that are jumped to. */
    final BitSet starts = new BitSet();

    final BitSet targets = new BitSet();

    /** Whether it is all of the code between its first instruction and its last. */
    boolean whole;

    /** In which frame its jumps through memory leave. */
    Departure departure = Departure.UNKNOWN;

    /** Indexes of calls that do not come back. */
    private final BitSet withoutReturn = new BitSet();

    Stretch(long address, Workspace workspace) {
        this.address = address;
        this.workspace = workspace;
        workspace.take((long) BYTES * places.length);
    }

    /** Where all jumps out of the code are in one frame, none of it is a function that is called. */
    void leavesBy(Departure known) {
        departure = known;
        if (known.isByAny()) {
            starts.clear();
        }
    }

    void add(int position, int length, long effect) {
        if (count == places.length) {
            grow(count * 2);
        }
        places[count] = position << LENGTH_BITS | length;
        effects[count++] = effect;
    }

    /** Of position 0. */
    long address() {
        return address;
    }

    int count() {
        return count;
    }

    int position(int index) {
        return places[index] >>> LENGTH_BITS;
    }

    /** Position behind it. */
    int end(int index) {
        return position(index) + (places[index] & LENGTH_MASK);
    }

    /** Of a jump or a call the value is an index, once {@link #link} has run. */
    long effect(int index) {
        return effects[index];
    }

    Kind kind(int index) {
        return Effect.kind(effects[index]);
    }

    /** The instruction at a position; negative where there is none. */
    int indexOf(int position) {
        if (position < 0 || position > Integer.MAX_VALUE >> LENGTH_BITS) {
            return NOWHERE;
        }
        int found = Arrays.binarySearch(places, 0, count, position << LENGTH_BITS);
        int at = found < 0 ? -found - 1 : found;
        return (at < count && position(at) == position) ? at : NOWHERE;
    }

    /** Whether the next instruction in memory is right behind one. */
    boolean isFollowed(int index) {
        return index + 1 < count && position(index + 1) == end(index);
    }

    /** Whether what is behind an instruction belongs to it: other functions do not, nor what fills the space before them. */
    boolean goesOn(int index) {
        if (kind(index).ends() || !isFollowed(index) || starts.get(index + 1)) {
            return false;
        }
        boolean call = kind(index) == Kind.CALL || kind(index) == Kind.CALL_ANYTHING;
        return !call || returns(index);
    }

    /** Whether a call comes back: behind those that do not, there is another function, or what fills the space before it. */
    private boolean returns(int call) {
        return !withoutReturn.get(call)
                && switch (kind(call + 1)) {
                    case NOP, LANDING, STOP -> false;
                    default -> true;
                };
    }

    /** The first instruction that is none of those that fill the space between functions; the same where this is none of them. */
    int behindPadding(int index) {
        int at = index;
        if (index == 0 || !goesOn(index - 1)) {
            while (at < count
                    && kind(at) == Kind.NOP
                    && !targets.get(at)
                    && !starts.get(at)
                    && (at == index || isFollowed(at - 1))) {
                at++;
            }
        }
        return at;
    }

    /** Turns targets from positions into indexes. */
    void link(Surroundings around) {
        for (int i = 0; i < count; i++) {
            int target = goesSomewhere(i) ? indexOf(Effect.value(effects[i])) : NOWHERE;
            if (target >= 0) {
                (kind(i) == Kind.CALL ? starts : targets).set(target);
            }
        }
        findCallsWithoutReturn();
        workspace.take(2L * Integer.BYTES * count);
        lastJumps = new int[count];
        earlierJumps = new int[count];
        Arrays.fill(lastJumps, NOWHERE);
        for (int i = 0; i < count; i++) {
            if (goesSomewhere(i)) {
                int target = target(Effect.value(effects[i]), around);
                link(i, DroppedReturn.isBehind(this, i, target) ? NOWHERE : target);
            }
        }
    }

    private void link(int jump, int target) {
        effects[jump] = Effect.withValue(effects[jump], target);
        if (target >= 0 && kind(jump) != Kind.CALL) {
            earlierJumps[jump] = lastJumps[target];
            lastJumps[target] = jump;
        }
    }

    /** Where an instruction may go on other than behind itself, within the stretch. */
    int jumpsTo(int index) {
        Kind kind = kind(index);
        return kind == Kind.JUMP || kind == Kind.BRANCH ? Effect.value(effects[index]) : NOWHERE;
    }

    /** One of the jumps that lead to an instruction; the others are behind it in {@link #earlierJump}. */
    int lastJumpTo(int target) {
        return lastJumps[target];
    }

    /** Another jump to where one leads; negative where there is none. */
    int earlierJump(int jump) {
        return earlierJumps[jump];
    }

    private boolean goesSomewhere(int index) {
        Kind kind = kind(index);
        return kind == Kind.JUMP || kind == Kind.BRANCH || kind == Kind.CALL;
    }

    /** A function behind whose call the code ends once, as behind that of {@code abort}, never returns. */
    private void findCallsWithoutReturn() {
        Set<Integer> callees = new HashSet<>();
        for (int i = 0; i < count; i++) {
            if (kind(i) == Kind.CALL && codeEndsBehind(i)) {
                callees.add(Effect.value(effects[i]));
            }
        }
        for (int i = 0; i < count; i++) {
            if (kind(i) == Kind.CALL && callees.contains(Effect.value(effects[i]))) {
                withoutReturn.set(i);
            }
        }
    }

    /** Whether there is no more than what fills the space before the next function; loops are aligned too. */
    private boolean codeEndsBehind(int call) {
        int next = call + 1;
        while (next < count && kind(next) == Kind.NOP && isFollowed(next - 1)) {
            next++;
        }
        boolean code =
                isFollowed(next - 1) && kind(next) != Kind.STOP && kind(next) != Kind.LANDING && !starts.get(next);
        return !code || (next > call + 1 && !targets.get(next));
    }

    private int target(int position, Surroundings around) {
        int index = indexOf(position);
        return (index < 0 && around.beginsFunction(address + position)) ? FUNCTION : index;
    }

    /** Gives back what it took of the workspace. */
    void release() {
        workspace.giveBack((long) BYTES * places.length + 2L * Integer.BYTES * lastJumps.length);
    }

    private void grow(int size) {
        workspace.take((long) BYTES * size);
        workspace.giveBack((long) BYTES * places.length);
        places = Arrays.copyOf(places, size);
        effects = Arrays.copyOf(effects, size);
    }
}
