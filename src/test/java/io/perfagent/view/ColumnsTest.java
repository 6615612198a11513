package io.perfagent.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables on terminals of any width, and amounts in any unit. */
class ColumnsTest {
    private static Columns known() {
        Columns columns = new Columns("self", "total", "function", "where");
        columns.add("1.00 s", "10.00 s", "py::Server.handle", "/srv/shop/server/handlers.py:17");
        columns.add("0.50 s", "0.50 s", "f", "");
        return columns;
    }

    @Test
    void allOfItWhereThereIsNoTerminal() {
        assertThat(known().lines(0))
                .containsExactly(
                        "  self    total  function           where",
                        "1.00 s  10.00 s  py::Server.handle  /srv/shop/server/handlers.py:17",
                        "0.50 s   0.50 s  f");
    }

    /** A file's name is at the end of its path. */
    @Test
    void aNarrowTerminal() {
        assertThat(known().lines(60))
                .containsExactly(
                        "  self    total  function           where",
                        "1.00 s  10.00 s  py::Server.handle  …server/handlers.py:17",
                        "0.50 s   0.50 s  f");
        assertThat(known().lines(40)).element(1).isEqualTo("1.00 s  10.00 s  py::Server.handle");
        assertThat(known().lines(33)).element(1).isEqualTo("1.00 s  10.00 s  py::Server.hand…");
    }

    @ParameterizedTest
    @ValueSource(ints = {33, 34, 45, 46, 47, 48, 60, 65, 66, 67, 80, 200})
    void noLineIsWider(int width) {
        assertThat(known().lines(width))
                .allMatch(line -> line.codePointCount(0, line.length()) <= width)
                .hasSize(3);
    }

    @Test
    void namesOutsideOfTheBasicPlane() {
        Columns columns = new Columns("self", "function", "where");
        columns.add("1", "\ud83d\ude00".repeat(30), "x");
        List<String> lines = columns.lines(20);
        assertThat(lines.get(1)).isEqualTo("   1  " + "\ud83d\ude00".repeat(15) + "…");
    }

    @ParameterizedTest
    @CsvSource({
        "nanoseconds, 1500000000, 1.50 s",
        "nanoseconds, 1500000, 1.50 ms",
        "nanoseconds, 15, 15 ns",
        "microseconds, 2500000, 2.50 s",
        "seconds, 90, 90 s",
        "bytes, 1536, 1.50 KiB",
        "bytes, 12, 12 B",
        "bytes, -3221225472, -3.00 GiB",
        "count, 42, 42",
        "objects, 42, 42 objects"
    })
    void amounts(String unit, long amount, String text) {
        assertThat(Quantity.of(unit, amount).text(amount)).isEqualTo(text);
    }
}
