package io.perfagent.top;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WindowTest {
    private static Window of(int seconds) {
        Window window = new Window();
        IntStream.range(0, seconds).forEach(_ -> window.add(Shop.second()));
        return window;
    }

    @Test
    void aSpanHasTheIntervalsThatFit() {
        Window window = of(100);
        assertThat(covered(window, Span.LAST)).hasSeconds(1);
        assertThat(covered(window, Span.TEN_SECONDS)).hasSeconds(10);
        assertThat(covered(window, Span.MINUTE)).hasSeconds(60);
        assertThat(covered(window, Span.ALL)).hasSeconds(100);
        assertThat(window.sums(Span.MINUTE).shares().samples()).isEqualTo(6_000);
        assertThat(window.sums(Span.ALL).shares().samples()).isEqualTo(10_000);
        assertThat(window.slices(Span.TEN_SECONDS)).hasSize(10);
    }

    @Test
    void sumsOfSeveralIntervalsAreTheirSums() {
        Row render = of(3).sums(Span.TEN_SECONDS).python().functions().stream()
                .filter(row -> row.name().equals("Page.render"))
                .findFirst()
                .orElseThrow();
        assertThat(render.self()).isEqualTo(195);
        assertThat(render.place()).isEqualTo("/srv/shop/page.py:36");
    }

    /** What the tables say of all is kept as numbers. */
    @Test
    void stacksOfOlderIntervalsAreGivenUpWhereTheyAreMany() {
        Window window = new Window(3 * Shop.second().size());
        IntStream.range(0, 10).forEach(_ -> window.add(Shop.second()));
        assertThat(window.slices(Span.ALL)).hasSize(3);
        assertThat(covered(window, Span.TEN_SECONDS)).hasSeconds(3);
        assertThat(covered(window, Span.ALL)).hasSeconds(10);
    }

    @Test
    void beginsAnew() {
        Window window = of(3);
        window.clear();
        window.add(Shop.second());
        assertThat(covered(window, Span.ALL)).hasSeconds(1);
    }

    /** As a pause wants it. */
    @Test
    void sumsStayAsTheyAre() {
        for (Span span : Span.values()) {
            Window window = of(2);
            Sums sums = window.sums(span);
            Duration covered = sums.covered();
            long samples = sums.shares().samples();
            window.add(Shop.second());
            assertThat(sums.covered()).as(span.toString()).isEqualTo(covered);
            assertThat(sums.shares().samples()).as(span.toString()).isEqualTo(samples);
        }
    }

    private static Duration covered(Window window, Span span) {
        return window.sums(span).covered();
    }
}
