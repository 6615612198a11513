package io.perfagent.top;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import org.jline.utils.NonBlocking;
import org.jline.utils.NonBlockingPumpReader;
import org.junit.jupiter.api.Test;

/** As xterm sends them (ctlseqs.txt), in both of its modes. */
class KeysTest {
    private final NonBlockingPumpReader in = NonBlocking.nonBlockingPumpReader();
    private final Keys keys = new Keys(in);

    private int next(String typed) throws IOException {
        in.getWriter().write(typed);
        in.getWriter().flush();
        return keys.next(1_000);
    }

    @Test
    void charactersAreThemselves() throws IOException {
        assertThat(next("q")).isEqualTo('q');
        assertThat(next("ü")).isEqualTo('ü');
        assertThat(next("𝒳")).isEqualTo("𝒳".codePointAt(0));
        assertThat(next("\r")).isEqualTo(Keys.ENTER);
        assertThat(next("\b")).isEqualTo(Keys.BACKSPACE);
        assertThat(next("\003")).isEqualTo(Keys.INTERRUPT);
    }

    @Test
    void sequencesAreKeys() throws IOException {
        assertThat(next("\033[A")).isEqualTo(Keys.UP);
        assertThat(next("\033OB")).isEqualTo(Keys.DOWN);
        assertThat(next("\033[5~")).isEqualTo(Keys.PAGE_UP);
        assertThat(next("\033[6~")).isEqualTo(Keys.PAGE_DOWN);
        assertThat(next("\033[H")).isEqualTo(Keys.HOME);
        assertThat(next("\033[4~")).isEqualTo(Keys.END);
    }

    @Test
    void whatIsUnknownIsNoKeyAndLeavesNothingBehind() throws IOException {
        assertThat(next("\033[1;5C")).isEqualTo(Keys.NONE);
        assertThat(next("\033x")).isEqualTo(Keys.NONE);
        assertThat(next("s")).isEqualTo('s');
    }

    @Test
    void escapeIsAKeyWhereNothingFollows() throws IOException {
        assertThat(next("\033")).isEqualTo(Keys.ESCAPE);
        assertThat(keys.next(10)).isEqualTo(Keys.NONE);
    }

    @Test
    void theEndIsSaid() throws IOException {
        Keys closed = new Keys(NonBlocking.nonBlocking("test", new StringReader("q")));
        assertThat(closed.next(1_000)).isEqualTo('q');
        assertThat(closed.next(1_000)).isEqualTo(Keys.GONE);
    }
}
