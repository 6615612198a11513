package io.perfagent.top;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a known interval is on the screen. */
class PainterTest {
    private final Settings settings = new Settings();

    private String painted(int width, int height, Slice... slices) {
        Window window = new Window();
        List.of(slices).forEach(window::add);
        Picture picture = new Picture(
                "gunicorn (10)", 100, window.sums(settings.span), window.losses(), List.of("cut stacks: 2"), "");
        return Painter.paint(picture, settings, width, height).stream()
                .map(Line::toString)
                .collect(Collectors.joining("\n"));
    }

    private void press(String keys) {
        keys.chars().forEach(settings::press);
    }

    @Test
    void functionsOfPythonWithTheCThatTheyCall() {
        assertThat(painted(80, 24, Shop.second()).lines().toList())
                .hasSize(24)
                .startsWith(
                        "perf-agent top: gunicorn (10)                                   last 1 s, 100 Hz",
                        "100 samples, 1.00 CPUs: Python 40% interpreter 35% native 15% kernel 10% GC 5%",
                        "lost: nothing",
                        "  SELF*   TOTAL  PYTHON FUNCTION   HOTTEST LINE",
                        "  65.0%   65.0%  Page.render       /srv/shop/page.py:36",
                        "  10.0%   85.0%  handle            /srv/shop/app.py:12",
                        "  10.0%   10.0%  factorial         /srv/shop/sums.py:6",
                        "")
                .endsWith("h help  q quit  f functions  l lines  t threads  s sort  / filter  p pause");
    }

    @Test
    void aFilterIsSaidAsLongAsItHolds() {
        press("/rend");
        settings.press(Keys.ENTER);
        assertThat(painted(80, 24, Shop.second()).lines().toList().getLast())
                .startsWith("only rend  Esc all  h help  q quit");
        settings.press(Keys.ESCAPE);
        assertThat(painted(80, 24, Shop.second())).doesNotContain("only rend");
    }

    @Test
    void linesAreRowsOfTheirOwn() {
        press("l");
        assertThat(table())
                .containsExactly(
                        "  SELF*   TOTAL  PYTHON FUNCTION   LINE",
                        "  35.0%   35.0%  Page.render       /srv/shop/page.py:36",
                        "  30.0%   30.0%  Page.render       /srv/shop/page.py:34",
                        "  10.0%   85.0%  handle            /srv/shop/app.py:12",
                        "  10.0%   10.0%  factorial         /srv/shop/sums.py:6",
                        "   0.0%   10.0%  factorial         /srv/shop/sums.py:5");
    }

    @Test
    void allCodeByItself() {
        press("c");
        assertThat(table())
                .containsExactly(
                        "  SELF*   TOTAL  FUNCTION                  HOTTEST LINE",
                        "  30.0%   65.0%  Page.render               /srv/shop/page.py:34",
                        "  30.0%   30.0%  list_sort_impl            libpython3.12.so.1.0",
                        "  15.0%   15.0%  memcpy                    libc.so.6",
                        "  10.0%   10.0%  factorial                 /srv/shop/sums.py:6",
                        "  10.0%   10.0%  vfs_read                  [kernel.kallsyms]",
                        "   5.0%    5.0%  gc_collect_main           libpython3.12.so.1.0",
                        "   0.0%   85.0%  _PyEval_EvalFrameDefault  libpython3.12.so.1.0",
                        "   0.0%   85.0%  handle                    /srv/shop/app.py:12");
    }

    @Test
    void threadsByTheirShareOfACpu() {
        press("t");
        assertThat(table())
                .containsExactly(
                        "   CPU  PYTHON  OTHER KERNEL     PID     TID  THREAD            MOSTLY IN",
                        " 65.0%    100%     0%     0%      10      10  gunicorn          Page.render",
                        " 35.0%     29%    43%    29%      10      11  worker-1          memcpy");
    }

    @Test
    void sortedByTotalAndByName() {
        press("s");
        assertThat(names()).containsExactly("SELF", "handle", "Page.render", "factorial");
        press("s");
        assertThat(names()).containsExactly("SELF", "Page.render", "factorial", "handle");
        press("s");
        assertThat(names()).containsExactly("SELF*", "Page.render", "handle", "factorial");
    }

    private List<String> names() {
        return table().stream()
                .map(line -> line.strip().split(" +", -1))
                .map(words -> words[0].startsWith("SELF") ? words[0] : words[2])
                .toList();
    }

    /** Without the lines above and below the table, and empty ones. */
    private List<String> table() {
        List<String> lines = painted(80, 24, Shop.second()).lines().toList();
        return lines.subList(3, lines.size() - 1).stream()
                .filter(line -> !line.isEmpty())
                .toList();
    }

    @Test
    void aNarrowWindow() {
        assertThat(painted(40, 10, Shop.second()).lines())
                .containsExactly(
                        "perf-agent top: gunic…  last 1 s, 100 Hz",
                        "100 samples, 1.00 CPUs: Python 40% inte…",
                        "lost: nothing",
                        "  SELF*   TOTAL  PYTHON FUNCT…  HOTTEST…",
                        "  65.0%   65.0%  Page.render    …e.py:36",
                        "  10.0%   85.0%  handle         …p.py:12",
                        "  10.0%   10.0%  factorial      …ms.py:6",
                        "",
                        "",
                        "h help  q quit  f functions  l lines  t…");
    }

    @Test
    void aWideWindow() {
        assertThat(painted(200, 50, Shop.second()).lines())
                .hasSize(50)
                .contains(
                        "100 samples, 1.00 CPUs: Python 40% interpreter 35% native 15% kernel 10% GC 5%",
                        "  65.0%   65.0%  Page.render       /srv/shop/page.py:36");
    }

    @ParameterizedTest
    @CsvSource({"1,1", "2,1", "5,2", "12,3", "20,4", "30,5", "7,24", "80,6", "80,7", "500,3"})
    void whateverTheSizeThereIsNoMoreThanFits(int width, int height) {
        for (String keys : List.of("", "l", "t", "c", "h", "i", "/x")) {
            press(keys);
            assertThat(painted(width, height, Shop.second()).lines())
                    .hasSizeLessThanOrEqualTo(height)
                    .allMatch(line -> Line.columns(line) <= width);
        }
    }

    @Test
    void whatIsTypedFilters() {
        press("/RENDER");
        assertThat(painted(80, 24, Shop.second())).endsWith("filter: RENDER_").doesNotContain("handle");
        press("\r");
        assertThat(painted(80, 24, Shop.second())).contains("Page.render").doesNotContain("handle", "filter:");
        press("/s\r");
        assertThat(painted(80, 24, Shop.second())).contains("nothing has RENDERs in its name: Esc ends the filter");
        settings.press(Keys.ESCAPE);
        assertThat(painted(80, 24, Shop.second())).contains("handle");
    }

    @Test
    void scrollsNoFurtherThanThereAreRows() {
        press("l");
        IntStream.range(0, 100).forEach(_ -> settings.press(Keys.DOWN));
        assertThat(painted(80, 8, Shop.second()))
                .contains("sums.py:5", "app.py:12")
                .doesNotContain("page.py");
        settings.press(Keys.HOME);
        assertThat(painted(80, 8, Shop.second())).contains("page.py:36").doesNotContain("sums.py:5");
        settings.press(Keys.PAGE_DOWN);
        assertThat(painted(80, 8, Shop.second())).contains("sums.py:5");
        settings.press(Keys.UP);
        assertThat(painted(80, 8, Shop.second())).contains("page.py:34").doesNotContain("page.py:36");
    }

    @Test
    void lossesStandInTheStatusByNumber() {
        Slice lossy = Shop.slice(List.of(Shop.cut(2, Shop.NAMELESS, Shop.NAMELESS), Shop.cut(1, Shop.MEMCPY)));
        assertThat(painted(80, 24, lossy)).contains("lost: 3 stacks cut, 4 frames unnamed\n");
        press("i");
        assertThat(painted(80, 24, lossy)).contains("in the last interval:\ncut stacks: 2\n");
    }

    @Test
    void withoutSamplesItSaysWhy() {
        assertThat(painted(80, 24)).contains("waiting for the first samples");
        assertThat(painted(80, 24, Shop.slice(List.of()))).contains("no samples: nothing ran on a CPU");
    }

    /** Whose functions are called so is shown, and not obeyed. */
    @Test
    void namesOfOthersStayText() {
        Slice hostile = Shop.slice(
                List.of(Shop.stack(10, "a\033[2J", 5, Shop.python("\033]0;title\007f", "/srv/\n\u202e.py", 3, 1))));
        String screen = painted(120, 24, hostile);
        assertThat(screen).contains("\\u{1b}]0;title\\u{7}f", "\\u{a}\\u{202e}.py:3");
        press("t");
        assertThat(painted(120, 24, hostile)).contains("a\\u{1b}[2J");
        assertThat(screen.chars().filter(c -> c < ' ' && c != '\n')).isEmpty();
    }

    /** Of 2 columns each. */
    @Test
    void wideCharactersTakeTheirColumns() {
        Slice wide = Shop.slice(List.of(
                Shop.stack(10, "a", 5, Shop.python("描画", "/srv/a.py", 3, 1)),
                Shop.stack(10, "a", 4, Shop.python("render", "/srv/a.py", 5, 4))));
        String screen = painted(80, 24, wide);
        assertThat(screen).contains("描画              /srv/a.py:3", "render            /srv/a.py:5");
        assertThat(painted(28, 24, wide).lines()).allMatch(line -> Line.columns(line) <= 28);
    }
}
