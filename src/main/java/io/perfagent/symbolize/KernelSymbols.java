package io.perfagent.symbolize;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's functions from {@code /proc/kallsyms}, of which the end of each line is kept, from the name on:
 *
 * <pre>
 *   ffffffff81000000 T _stext
 *   ffffffffc0301000 t nf_conntrack_in    [nf_conntrack]
 *   address          type  name   tab     module
 * </pre>
 *
 * Only text symbols (t, T, w, W) count. Without the privilege to see them the kernel gives every address as 0.
 */
final class KernelSymbols {
    /** A function ends where the next begins; the last of an area must not name all that lies behind it. */
    private static final long MAX_FUNCTION_BYTES = 1 << 20;

    private static final KernelSymbols NONE = new KernelSymbols(new byte[0]);

    /** Lines from their names on, each with the newline that ends it. */
    private byte[] kept;

    private int keptBytes;
    private long[] addresses;
    private int[] names;
    private boolean[] global;
    private int count;

    /** @param text is written over: what is kept of a line is shorter than the line */
    private KernelSymbols(byte[] text) {
        this.kept = text;
        int estimate = 16 + text.length / 40;
        this.addresses = new long[estimate];
        this.names = new int[estimate];
        this.global = new boolean[estimate];
    }

    /** The running kernel's symbols; none where the file cannot be read. */
    static KernelSymbols read() {
        try {
            return parse(Files.readAllBytes(Path.of("/proc/kallsyms")));
        } catch (IOException _) {
            return NONE;
        }
    }

    /** @param text is written over */
    static KernelSymbols parse(byte[] text) {
        KernelSymbols symbols = new KernelSymbols(text);
        symbols.parseLines(text);
        symbols.sort();
        symbols.kept = Arrays.copyOf(symbols.kept, symbols.keptBytes);
        return symbols;
    }

    /** Whether the kernel keeps its addresses to itself. */
    boolean hidden() {
        return count == 0;
    }

    /** First address of the text and the address after it, both 0 where hidden. */
    long start() {
        return count == 0 ? 0 : addresses[0];
    }

    long end() {
        return count == 0 ? 0 : addresses[count - 1] + MAX_FUNCTION_BYTES;
    }

    /** The function that holds an address, with its module in brackets if it has one; null where there is none. */
    @Nullable
    String find(long address) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(addresses[middle], address) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        boolean found = low > 0 && address - addresses[low - 1] < MAX_FUNCTION_BYTES;
        return found ? name(names[low - 1]) : null;
    }

    private String name(int from) {
        int end = from;
        while (kept[end] != '\n') {
            end++;
        }
        String line = new String(kept, from, end - from, StandardCharsets.ISO_8859_1);
        return line.replace('\t', ' ');
    }

    private void parseLines(byte[] text) {
        int at = 0;
        while (at < text.length) {
            at = parseLine(text, at);
        }
    }

    /** Stores the symbol of a line if it is one of text; returns where the next line begins. */
    private int parseLine(byte[] text, int from) {
        int at = from;
        long address = 0;
        while (at < text.length && text[at] > ' ') {
            int digit = text[at++];
            address = address << 4 | (digit <= '9' ? digit - '0' : digit - 'a' + 10);
        }
        int name = at + 3;
        while (at < text.length && text[at] != '\n') {
            at++;
        }
        if (address != 0 && name < at && isText(text[name - 2])) {
            add(address, text, name, at);
        }
        return at + 1;
    }

    private static boolean isText(byte type) {
        return type == 't' || type == 'T' || type == 'w' || type == 'W';
    }

    private void add(long address, byte[] text, int name, int end) {
        if (count == names.length) {
            addresses = Arrays.copyOf(addresses, count * 2);
            names = Arrays.copyOf(names, count * 2);
            global = Arrays.copyOf(global, count * 2);
        }
        addresses[count] = address;
        names[count] = keptBytes;
        global[count++] = text[name - 2] == 'T';
        System.arraycopy(text, name, kept, keptBytes, end - name);
        keptBytes += end - name;
        kept[keptBytes++] = '\n';
    }

    /** By address; of the names of one address the first global one stays, else the first. */
    private void sort() {
        int[] order = AddressOrder.of(addresses, count);
        long[] sorted = new long[count];
        int[] sortedNames = new int[count];
        boolean keptGlobal = false;
        int kept = 0;
        for (int entry : order) {
            boolean same = kept > 0 && sorted[kept - 1] == addresses[entry];
            if (!same || (global[entry] && !keptGlobal)) {
                kept += same ? 0 : 1;
                sorted[kept - 1] = addresses[entry];
                sortedNames[kept - 1] = names[entry];
                keptGlobal = global[entry];
            }
        }
        addresses = sorted;
        names = sortedNames;
        count = kept;
    }
}
