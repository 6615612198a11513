package io.perfagent.python.inject;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;

/**
 * What the host said of a thread that was in the routine.
 *
 * @param status exit status of the host: 128 and more where the thread died of it
 * @param lines that it printed
 */
record RoutineVisit(int status, List<String> lines) {
    /** What follows a word, of every line that begins with it. */
    List<String> all(String word) {
        return lines.stream()
                .filter(line -> line.startsWith(word + " "))
                .map(line -> line.substring(word.length() + 1))
                .toList();
    }

    String last(String word) {
        return all(word).getLast();
    }

    /** Names of the functions that the routine called, in order. */
    List<String> calls(String word) {
        return all(word).stream()
                .map(call -> call.substring(0, call.indexOf(' ')))
                .toList();
    }

    /** The control block as it was left: the {@code index}th look at it. */
    ByteBuffer block(int index) {
        byte[] bytes = HexFormat.of().parseHex(all("block").get(index));
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
