package io.perfagent.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What functions of a BPF object call each other, and how much of the stack each takes, as the verifier counts it (kernel/bpf/verifier.c,
 * check_max_stack_depth): callbacks are calls.
 *
 * <pre>
 *   struct bpf_insn: 0 code u8 │ 1 dst 4 bits, src 4 bits │ 2 off s16 │ 4 imm s32
 * </pre>
 */
final class CallChains {
    private static final int INSTRUCTION = 8;
    private static final int CALL = 0x85;
    private static final int MOVE = 0xbf;
    private static final int ADD = 0x07;
    private static final int LOAD_64 = 0x18;
    private static final int OF_PROGRAM = 1; // src of a call
    private static final int FRAME_POINTER = 10;
    private static final int CLASS = 7;
    private static final int CLASS_LDX = 1;
    private static final int CLASS_ST = 2;
    private static final int CLASS_STX = 3;
    private static final int SYMTAB = 2;
    private static final int REL = 9;
    private static final int FUNCTION = 2;
    private static final int SECTION_HEADER = 64;
    private static final int SYMBOL = 24;
    private static final int RELOCATION = 16;
    /** What a frame is rounded up to before 6.7, and where there is no JIT. */
    private static final int FRAME_UNIT = 32;

    /** Functions that timers call, later and on stacks of their own. */
    private static final Set<String> OF_TIMERS = Set.of("resumed");

    private record Symbol(String name, int section, long value, long size, boolean isFunction) {}

    private record Place(int section, long offset) {}

    private final ByteBuffer elf;
    private final List<Symbol> symbols = new ArrayList<>();
    private final Map<Place, Symbol> relocations = new HashMap<>();
    private final Map<String, Set<String>> callees = new LinkedHashMap<>();
    private final Map<String, Integer> frames = new HashMap<>();

    CallChains(byte[] object) {
        elf = ByteBuffer.wrap(object).order(ByteOrder.LITTLE_ENDIAN);
        for (int section = 0; section < elf.getShort(60); section++) {
            if (elf.getInt(header(section) + 4) == SYMTAB) {
                readSymbols(section);
            }
        }
        for (int section = 0; section < elf.getShort(60); section++) {
            if (elf.getInt(header(section) + 4) == REL) {
                readRelocations(section);
            }
        }
        symbols.stream().filter(Symbol::isFunction).forEach(this::readFunction);
    }

    /** Bytes of the deepest stack that a function may have below it, its own included. */
    int deepest(String function) {
        int below = 0;
        for (String callee : callees.get(function)) {
            below = Math.max(below, deepest(callee));
        }
        return below + frames.get(function);
    }

    /** How many functions may call each other there. */
    int longest(String function) {
        int below = 0;
        for (String callee : callees.get(function)) {
            below = Math.max(below, longest(callee));
        }
        return below + 1;
    }

    private void readFunction(Symbol function) {
        int start = (int) offset(function.section) + (int) function.value;
        int lowest = 0;
        Set<String> called = new LinkedHashSet<>();
        for (int at = 0; at < function.size; at += INSTRUCTION) {
            int code = elf.get(start + at) & 0xff;
            int from = elf.get(start + at + 1) >> 4 & 15;
            int to = elf.get(start + at + 1) & 15;
            int kind = code & CLASS;
            boolean stored = (kind == CLASS_ST || kind == CLASS_STX) && to == FRAME_POINTER;
            if (stored || (kind == CLASS_LDX && from == FRAME_POINTER)) {
                lowest = Math.min(lowest, elf.getShort(start + at + 2));
            } else if (code == MOVE && from == FRAME_POINTER && (elf.get(start + at + INSTRUCTION) & 0xff) == ADD) {
                lowest = Math.min(lowest, elf.getInt(start + at + INSTRUCTION + 4));
            } else if ((code == CALL && from == OF_PROGRAM) || code == LOAD_64) {
                Symbol target = target(function.section, function.value + at, elf.getInt(start + at + 4), code);
                if (target != null && !OF_TIMERS.contains(target.name)) {
                    called.add(target.name);
                }
                at += code == LOAD_64 ? INSTRUCTION : 0;
            }
        }
        callees.put(function.name, called);
        frames.put(function.name, (Math.max(1, -lowest) + FRAME_UNIT - 1) / FRAME_UNIT * FRAME_UNIT);
    }

    /** Static functions are given by their section, and a place in it. */
    private Symbol target(int section, long at, int immediate, int code) {
        Symbol meant = relocations.get(new Place(section, at));
        if (meant != null && meant.isFunction) {
            return meant;
        }
        long relative = (immediate + 1L) * INSTRUCTION;
        if (meant != null) {
            return functionAt(meant.section, code == CALL ? relative : immediate);
        }
        return code == CALL ? functionAt(section, at + relative) : null;
    }

    private Symbol functionAt(int section, long value) {
        return symbols.stream()
                .filter(symbol -> symbol.isFunction && symbol.section == section && symbol.value == value)
                .findAny()
                .orElse(null);
    }

    private void readSymbols(int section) {
        int names = (int) offset(elf.getInt(header(section) + 40));
        for (int at = 0; at < size(section); at += SYMBOL) {
            int symbol = (int) offset(section) + at;
            symbols.add(new Symbol(
                    text(names + elf.getInt(symbol)),
                    elf.getShort(symbol + 6),
                    elf.getLong(symbol + 8),
                    elf.getLong(symbol + 16),
                    (elf.get(symbol + 4) & 15) == FUNCTION));
        }
    }

    private void readRelocations(int section) {
        int of = elf.getInt(header(section) + 44);
        for (int at = 0; at < size(section); at += RELOCATION) {
            int relocation = (int) offset(section) + at;
            relocations.put(
                    new Place(of, elf.getLong(relocation)), symbols.get((int) (elf.getLong(relocation + 8) >>> 32)));
        }
    }

    private String text(int at) {
        int end = at;
        while (elf.get(end) != 0) {
            end++;
        }
        return new String(elf.array(), at, end - at, StandardCharsets.UTF_8);
    }

    private int header(int section) {
        return (int) elf.getLong(40) + section * SECTION_HEADER;
    }

    private long offset(int section) {
        return elf.getLong(header(section) + 24);
    }

    private long size(int section) {
        return elf.getLong(header(section) + 32);
    }
}
