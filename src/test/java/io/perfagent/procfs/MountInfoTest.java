package io.perfagent.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

final class MountInfoTest {
    @Test
    void theLongestMountThatHoldsThePath() {
        MountInfo mounts = MountInfo.parse("""
                22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
                30 22 0:26 / /tmp rw,nosuid - tmpfs tmpfs rw,size=4k
                31 22 0:27 / /tmpfiles ro - tmpfs tmpfs rw
                """);
        assertThat(mounts.of("/tmp")).isEqualTo(new MountInfo.Mount("/tmp", false));
        assertThat(mounts.of("/tmp/a")).isEqualTo(new MountInfo.Mount("/tmp", false));
        assertThat(mounts.of("/tm")).isEqualTo(new MountInfo.Mount("/", false));
    }

    @Test
    void readOnlyByTheMountOrByTheFileSystem() {
        String line = "30 22 0:26 / /tmp %s - tmpfs tmpfs %s\n";
        assertThat(readOnly(line.formatted("ro,nosuid", "rw"))).isTrue();
        assertThat(readOnly(line.formatted("rw", "ro"))).isTrue();
        assertThat(readOnly(line.formatted("rw,errors=remount-ro", "rw"))).isFalse();
    }

    @Test
    void aLaterMountCoversAnEarlierOne() {
        assertThat(readOnly("""
                30 22 0:26 / /tmp rw - tmpfs tmpfs rw
                40 30 0:28 / /tmp ro - tmpfs tmpfs ro
                """)).isTrue();
    }

    @Test
    void whatIsNoMountIsLeftOut() {
        assertThat(MountInfo.parse("\n30 22\nnonsense\n").of("/tmp")).isNull();
    }

    private static boolean readOnly(String text) {
        return Objects.requireNonNull(MountInfo.parse(text).of("/tmp")).readOnly();
    }
}
