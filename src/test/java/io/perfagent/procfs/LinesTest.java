package io.perfagent.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Mapping;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Names hold carriage returns, which end no line: whoever chooses a name must not write the lines behind it. */
class LinesTest {
    private static final String MAPPING = "7f0000000000-7f0000001000 r-xp 00000000 fe:00 7    /tmp/a";
    private static final String FORGED = "\r7f0000002000-7f0000003000 r-xp 00000000 fe:00 8    /usr/bin/python3";

    @Test
    void aNewlineEndsALine() {
        assertThat(Lines.of("")).isEmpty();
        assertThat(Lines.of("a\n\nb\n")).containsExactly("a", "", "b");
        assertThat(Lines.of("a\rb\r\nc")).containsExactly("a\rb\r", "c");
    }

    @Test
    void bothReadersOfMapsSeeOneMapping() throws Exception {
        String text = MAPPING + FORGED + "\n";
        assertThat(ProcMaps.parse(text))
                .isEqualTo(ProcMaps.read(
                        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), true, text.length()))
                .extracting(Mapping::path)
                .containsExactly("/tmp/a" + FORGED);
    }

    @Test
    void aMountIsOne() {
        String text = "36 35 98:0 / /mnt\r37 35 98:0 / /etc ro - ext3 /dev/root ro rw,noatime - ext3 /dev/root rw\n";
        assertThat(MountInfo.parse(text).withId("37")).isNull();
    }

    @Test
    void aThreadsNameIsNoOtherField() {
        ProcStatus status = ProcStatus.parse("Name:\ta\rNSpid:\t1\nPid:\t7\n");
        assertThat(status.field("NSpid")).isEmpty();
        assertThat(status.field("Pid")).isEqualTo("7");
    }

    @Test
    void aGroupIsNoOther() {
        String forged = "0::/user\r0::/docker/" + "a".repeat(64);
        assertThat(ProcCgroup.parse(forged + "\n").path())
                .isEqualTo(forged.substring(3).replace('\r', '?'));
    }
}
